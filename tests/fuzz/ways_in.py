"""The ways in, as the process under test has them: the real handlers, with moto as AWS."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from functions import api
from functions.runtime import proxy_event
from functions.runtime.callers import Identify, checked_by_the_gateway
from semblance import errors
from semblance.service import Service
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from tests.contract.replies import assert_is_reply
from tests.fuzz.cases import Case
from tests.fuzz.child import Answer, Verdict
from tests.fuzz.signatures import KEY, SECRET
from tests.schemas import assert_is_audit
from tests.world.account import INPUT_BUCKET, REGION, RESULTS_BUCKET, make_table
from tests.world.fakes import picture
from tests.world.inbox import ALL_DONE, EventBus, Inbox, message
from tests.world.own_keys import Deployment
from tests.world.populated import CONTEXT, TARGET, World
from tools.checkout import MODELS

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

FACE_IDS = [f"10000000-0000-4000-8000-00000000000{number}" for number in range(3)]
TOKENS = ["known-token-of-collections", "known-token-of-faces", "known-token-of-users"]
"""Placeholders in a case for ids and tokens of its world, which differ every time."""

_MOST_REPLY_BYTES = 6 * 2**20
"""The largest reply that Lambda allows."""
_PERMANENT = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ServiceError) and not kind.transient
}


def requests() -> Answer:
    """The api function with a fake engine: these cases test the code in front of the engine."""
    world = _world()

    def answer(case: Case) -> Verdict:
        verdict = _call(_in_this_world(case.given, world), world.service)
        world.restored()
        return verdict

    return answer


def pictures() -> Answer:
    world = _world()
    engine = Engine(load_pack("open", MODELS), threads=1)

    def service() -> Service:
        return dataclasses.replace(world.service(), engine=engine)

    world.call("DeleteCollection", {"CollectionId": "staff"}, service())
    world.call("CreateCollection", {"CollectionId": "staff"}, service())
    assert world.original

    def answer(case: Case) -> Verdict:
        for key, content in case.objects.items():
            world.s3.put_object(Bucket=INPUT_BUCKET, Key=key, Body=content)
        verdict = _call(case.given, service)
        for key in case.objects:
            world.s3.delete_object(Bucket=INPUT_BUCKET, Key=key)
        world.restored()
        return verdict

    return answer


def signatures() -> Answer:
    """The api function with `auth=keys`, which must refuse every forged request."""
    world = _world()
    kms = boto3.client("kms", region_name=REGION)
    key_arn = kms.create_key()["KeyMetadata"]["Arn"]
    deployment = Deployment(world.service(), world.table, kms, key_arn)
    sealed = deployment.seal.close(KEY.id, SECRET)
    deployment.keys.add(dataclasses.replace(KEY, secret=sealed))

    def answer(case: Case) -> Verdict:
        deployment.clock.now = case.given["now"]
        event = case.given["event"]
        verdict = _call(event, lambda: deployment.service, deployment.identify)
        if verdict.code == "200" and case.given["forged"]:
            return verdict._replace(problem="a forged request was let in")
        return verdict

    return answer


def photos() -> Answer:
    """The worker, with S3 notices of objects with any key and metadata, or any other message."""
    world = _world()
    world.s3.create_bucket(
        Bucket=RESULTS_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    assert world.original
    inbox = Inbox(world.s3, world.service(), boto3.client("dynamodb", region_name=REGION))
    metadata = _Metadata(world.s3)

    def answer(case: Case) -> Verdict:
        inbox.service, inbox.bus = world.service(), EventBus()
        inbox.audited.clear()
        metadata.told = case.given.get("metadata", {})
        verdict = _drop(inbox, case) if case.objects else _tell(inbox, case.given["message"])
        world.restored()
        return verdict

    return answer


def _world() -> World:
    mock_aws().start()
    session = boto3.Session("testing", "testing", region_name=REGION)
    return World.populated(make_table(session.resource("dynamodb")), session.client("s3"))


def _in_this_world(event: dict[str, Any], world: World) -> dict[str, Any]:
    body = event["body"]
    if body:
        for told, real in zip(FACE_IDS + TOKENS, world.face_ids + world.tokens, strict=True):
            body = body.replace(told, real)
    return event | {"body": body}


def _call(
    event: dict[str, Any],
    service: Callable[[], Service],
    identify: Identify = checked_by_the_gateway,
) -> Verdict:
    started = time.perf_counter()
    reply = api.respond(event, CONTEXT, service, assert_is_audit, identify)
    seconds = time.perf_counter() - started
    code, problem = _read(event, reply["statusCode"], reply["body"])
    return Verdict(code, problem, seconds)


def _read(event: dict[str, Any], status: int, text: str) -> tuple[str, str | None]:
    if len(text.encode()) > _MOST_REPLY_BYTES:
        return str(status), f"a reply of {len(text)} bytes"
    body = json.loads(text)
    if status == 200:
        return "200", _misshapen(event, body)
    code = body["__type"]
    if status != 400 or code not in _PERMANENT:
        return code, f"{status} {code}: {body}"
    return code, None


def _misshapen(event: dict[str, Any], body: Any) -> str | None:
    target = proxy_event.header(event, "x-amz-target") or ""
    try:
        assert_is_reply(target.removeprefix(TARGET), body)
    except AssertionError as problem:
        return f"the reply is not as the model has it: {problem}"
    return None


class _Metadata:
    """Sets the metadata of every object that is read: boto3 itself sends only ASCII there."""

    def __init__(self, s3: S3Client) -> None:
        self.told: dict[str, str] = {}
        s3.meta.events.register("after-call.s3.GetObject", self._tell)

    def _tell(self, parsed: dict[str, Any], **_: Any) -> None:
        if "Metadata" in parsed:
            parsed["Metadata"] = self.told


def _drop(inbox: Inbox, case: Case) -> Verdict:
    ((key, content),) = case.objects.items()
    # moto takes a key with a leading slash for a host. The worker reads no photo under such a key.
    stored = not key.startswith("/")
    notice = inbox.put(key, content) if stored else inbox.notice(key)
    started = time.perf_counter()
    answered = inbox.deliver(notice)
    seconds = time.perf_counter() - started
    if stored:
        inbox.s3.delete_object(Bucket=INPUT_BUCKET, Key=key)
    if answered != ALL_DONE:
        return Verdict("tried again", f"SQS would deliver {key!r} again and again")
    result = inbox.result(key)
    inbox.s3.delete_object(Bucket=RESULTS_BUCKET, Key=inbox.bus.details[-1]["Result"]["Name"])
    code = result["Error"]["Code"] if result["Outcome"] == "ImageRejected" else result["Outcome"]
    return Verdict(code, None if code in _FINAL else f"rejected for {code}", seconds)


_FINAL = _PERMANENT | {"FacesSearched", "FacesIndexed"}


def _tell(inbox: Inbox, text: str) -> Verdict:
    """A message that is not S3's may have no effect, but it must not harm a photo beside it."""
    photo = message(inbox.put("search/staff/beside", picture("ann")))
    strange = photo | {"messageId": "strange", "body": text}
    started = time.perf_counter()
    answered = inbox.work([strange, photo])
    seconds = time.perf_counter() - started
    if inbox.result("search/staff/beside")["Outcome"] != "FacesSearched":
        return Verdict("harmed", "the photo beside it came to harm", seconds)
    failed = [each["itemIdentifier"] for each in answered["batchItemFailures"]]
    if failed not in ([], ["strange"]):
        return Verdict("harmed", f"SQS would deliver {failed} again", seconds)
    return Verdict("dead letter" if failed else "passed over", None, seconds)
