"""Every request that the fault trials make, with the state of the account before it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from semblance.access import access_key
from semblance.access.access_key import AccessKey
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from tests.faults.world import NOW, QUIET_SECONDS, Answer, Process, World
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture
from tests.world.own_keys import HOST
from tests.world.service import proxy_event
from tools.specimens import SPECIMENS
from tools.specimens.specimen import FaultCase, Given

Facts = dict[str, Any]
"""What the request needs to know of how things stand. Plain JSON: another process is told it."""

TOKEN = "the-same-token"  # noqa: S105
CROWD = tuple(f"person {number}" for number in range(100))


@dataclass(frozen=True)
class Scenario:
    name: str
    prepare: Callable[[World], Facts]
    act: Callable[[Process, Facts], Answer]
    """The same request each time."""
    is_warm: bool = True
    """Whether the process has the collection in memory, as it was before the request."""
    has_token: bool = False
    is_photo: bool = False


def api(operation: str, case: FaultCase) -> Scenario:
    """A case of the operation's specimen."""
    name = f"{operation}: {case.about}" if case.about else operation

    def act(process: Process, facts: Facts) -> Answer:
        more = {"ClientRequestToken": TOKEN} if case.has_token else {}
        return process.answer(operation, case.request(Staff(facts)) | more)

    return Scenario(name, GIVEN[case.given], act, case.is_warm, case.has_token)


def photo(name: str, prepare: Callable[[World], Facts], times: int = 1) -> Scenario:
    """One that SQS tells of, `times` times at once."""

    def act(process: Process, facts: Facts) -> Answer:
        return process.deliver(*[facts["notice"]] * times)

    return Scenario(f"photo: {name}", prepare, act, is_photo=True)


def signed(name: str, operation: str) -> Scenario:
    """By a key of one's own, in a process that does not know it yet."""

    def act(process: Process, facts: Facts) -> Answer:
        headers = {
            "Host": HOST,
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"RekognitionService.{operation}",
        }
        body = json.dumps({"CollectionId": "staff"})
        request = AWSRequest("POST", f"https://{HOST}/v1/", headers=headers, data=body.encode())
        credentials = Credentials(facts["key"], facts["secret"])
        SigV4Auth(credentials, "rekognition", "eu-west-1").add_auth(request)
        event = proxy_event(dict(request.headers.items()), body)
        event["multiValueHeaders"] = {name: [v] for name, v in event["headers"].items()}
        return process.answer_to_key(event, facts["key_arn"])

    return Scenario(name, with_own_key, act)


# How things stand


def nothing(world: World) -> Facts:
    return {}


def staff(world: World) -> Facts:
    """Four faces, of whom one belongs to the user ann, and one that was deleted."""
    process = world.process()
    process.ask("CreateCollection", {"CollectionId": "staff", "Tags": {"site": "north"}})
    faces = index(process, "ann", "bob", "eve", "joe", "zoe")
    process.ask("DeleteFaces", {"CollectionId": "staff", "FaceIds": faces[4:]})
    for user in ("ann", "bob"):
        process.ask("CreateUser", {"CollectionId": "staff", "UserId": user})
    bind(process, "ann", faces[:1])
    return {"faces": faces}


def two_collections(world: World) -> Facts:
    facts = staff(world)
    world.process().ask("CreateCollection", {"CollectionId": "visitors"})
    return facts


def crowd(world: World) -> Facts:
    """A hundred faces, more than one transaction takes, and a user without a face."""
    process = world.process()
    process.ask("CreateCollection", {"CollectionId": "staff"})
    faces = index(process, *CROWD)
    process.ask("CreateUser", {"CollectionId": "staff", "UserId": "ann"})
    return {"faces": faces}


def crowd_of_one_user(world: World) -> Facts:
    facts = crowd(world)
    bind(world.process(), "ann", facts["faces"])
    return facts


def picture_in_bucket(world: World) -> Facts:
    facts = staff(world)
    world.put("pictures/new.jpg", picture("kim", "ann", shot=3))
    return facts


def dropped(key: str, content: bytes) -> Callable[[World], Facts]:
    def prepare(world: World) -> Facts:
        return staff(world) | {"notice": world.put(key, content)}

    return prepare


def worked_on(world: World) -> Facts:
    facts = dropped("index/staff/kim.jpg", picture("kim", "lee"))(world)
    world.process().deliver(facts["notice"])
    return facts


def superseded(world: World) -> Facts:
    """A later version of the photo has its result there already."""
    facts = dropped("search/staff/door", picture("bob", shot=1))(world)
    later = world.put("search/staff/door", picture("eve", shot=1))
    world.process().deliver(later)
    return facts


def with_own_key(world: World) -> Facts:
    key_arn = world.clients.kms.create_key()["KeyMetadata"]["Arn"]
    key_id, secret = access_key.new_id(), access_key.new_secret()
    everything = dict.fromkeys(("operations", "collections", "images"), ("*",))
    AccessKeyTable(world.clients.table).add(
        AccessKey(
            id=key_id,
            name="door",
            created_at=NOW,
            secret=Seal(world.clients.kms, key_arn).close(key_id, secret),
            **everything,
        )
    )
    return staff(world) | {"key": key_id, "secret": secret, "key_arn": key_arn}


def to_be_compacted(world: World) -> Facts:
    """Deleted faces in changes and in a snapshot, a count that was lost, a collection that is to
    be erased; and nobody has written for long."""
    facts = two_collections(world)
    process = world.process()
    index(process, "kim", "lee", "max")
    world.clock.now += QUIET_SECONDS
    process.compact()
    process.ask("DeleteFaces", {"CollectionId": "staff", "FaceIds": facts["faces"][1:2]})
    index(process, "ned")
    process.ask("DeleteCollection", {"CollectionId": "visitors"})
    staff = process.service.collections.get("staff")
    process.service.collections.count(staff, faces=5, users=1)
    world.clock.now += QUIET_SECONDS
    return facts


def index(process: Process, *people: str) -> list[str]:
    request = {"CollectionId": "staff", "Image": of(*people), "ExternalImageId": "group"}
    records = process.ask("IndexFaces", request).body["FaceRecords"]
    return [record["Face"]["FaceId"] for record in records]


def bind(process: Process, user: str, faces: list[str]) -> None:
    request = {"CollectionId": "staff", "UserId": user, "FaceIds": faces}
    process.ask("AssociateFaces", request | {"UserMatchThreshold": 0})


def of(*people: str, shot: int = 0) -> dict[str, Any]:
    return {"Bytes": base64.b64encode(picture(*people, shot=shot)).decode()}


IN_BUCKET = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": "pictures/new.jpg"}}
ARN = "arn:aws:rekognition:eu-west-1:123456789012:collection/staff"


@dataclass(frozen=True)
class Staff:
    """The account as the requests of the specimens see it: tools/specimens has the protocol."""

    facts: Facts
    arn: str = ARN
    crowd: tuple[str, ...] = CROWD

    @property
    def here(self) -> dict[str, Any]:
        return {"CollectionId": "staff"}

    @property
    def faces(self) -> list[str]:
        return list(self.facts["faces"])

    @property
    def in_bucket(self) -> dict[str, Any]:
        return IN_BUCKET

    def picture(self, *people: str, shot: int = 0) -> dict[str, Any]:
        return of(*people, shot=shot)


GIVEN: dict[Given, Callable[[World], Facts]] = {
    "nothing": nothing,
    "staff": staff,
    "two collections": two_collections,
    "crowd": crowd,
    "crowd of one user": crowd_of_one_user,
    "picture in bucket": picture_in_bucket,
}
SCENARIOS = [
    *(api(specimen.operation, case) for specimen in SPECIMENS.values() for case in specimen.faults),
    signed("own key: DescribeCollection", "DescribeCollection"),
    photo("indexed", dropped("index/staff/kim.jpg", picture("kim", "lee"))),
    photo("indexed, 100 faces", dropped("index/staff/crowd.jpg", picture(*CROWD))),
    photo("searched", dropped("search/staff/door", picture("bob", "eve", shot=1))),
    photo("told of twice", dropped("index/staff/kim.jpg", picture("kim", "lee")), times=2),
    photo("told of again", worked_on),
    photo("overtaken by a later version", superseded),
    photo("rejected", dropped("search/staff/door", b"text")),
    Scenario("compactor", to_be_compacted, lambda process, facts: process.compact()),
]
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
