"""The rights of a key, and how long they last."""

import json

import pytest
from botocore.exceptions import ClientError

from semblance.access.access_key import is_id, new_id, new_secret
from semblance.model.gallery import Collection
from semblance.operations.table import OPERATIONS
from semblance.stores.transaction import Conflict
from tests.contract.ill_formed import sound
from tests.world.account import INPUT_BUCKET
from tests.world.fakes import picture
from tests.world.own_keys import changed

FACE = "00000000-0000-4000-8000-000000000000"
ARN = "arn:aws:rekognition:eu-west-1:123456789012:collection/"


def code_of(answer):
    status, reply = answer
    return None if status == 200 else reply["__type"]


@pytest.fixture
def owner(client_of, key):
    """A client that may do everything, with two collections for doors and two for staff."""
    client = client_of(key)
    for name in ("door-1", "door-2", "staff-1", "staff-2"):
        client.create_collection(CollectionId=name)
    return client


def request_for(operation, collection):
    """A valid request."""
    image = {"Bytes": "RkFLRQ=="}
    values = {
        "CollectionId": collection, "ResourceArn": ARN + collection, "FaceIds": [FACE],
        "FaceId": FACE, "UserId": "ann", "Image": image, "SourceImage": image,
        "TargetImage": image, "Tags": {"a": "b"}, "TagKeys": ["a"],
    }  # fmt: skip
    return {name: values.get(name, least) for name, least in sound(operation).items()}


NARROWED = [
    name for name in OPERATIONS if request_for(name, "x").keys() & {"CollectionId", "ResourceArn"}
]


@pytest.fixture
def staff(service):
    """A collection with that name."""
    service.collections.add(Collection("staff-1", "its-uid", 0, service.engine.codec.model_id))


@pytest.mark.slow
def test_an_operation_that_is_not_allowed_is_denied(deployment):
    """Tries each operation with a key that may do all the others."""
    keys = {
        name: deployment.new_key(
            name=name, wait=False, operations=tuple(each for each in OPERATIONS if each != name)
        )
        for name in OPERATIONS
    }
    for operation, key in keys.items():
        resource = f"{ARN}door-1" if operation in NARROWED else "*"
        assert key.send(operation, request_for(operation, "door-1")) == (
            400,
            {
                "__type": "AccessDeniedException",
                "Code": "AccessDeniedException",
                "Message": f"User: {key.arn} is not authorized to perform: "
                f"rekognition:{operation} on resource: {resource} because no identity-based "
                f"policy allows the rekognition:{operation} action",
            },
        )


def test_a_denial_does_not_reveal_whether_the_collection_exists(deployment, staff):
    key = deployment.new_key(collections=("door-*",))
    for operation in NARROWED:
        (status, there), (_, missing) = (
            key.send(operation, request_for(operation, collection))
            for collection in ("staff-1", "staff-9")
        )
        assert (status, there["__type"]) == (400, "AccessDeniedException")
        assert json.dumps(there).replace("staff-1", "staff-9") == json.dumps(missing)


def test_a_missing_collection_that_is_allowed_is_reported_as_not_found(deployment):
    key = deployment.new_key(collections=("door-*",))
    for operation in NARROWED:
        answer = key.send(operation, request_for(operation, f"door-{operation}"))
        expected = None if operation == "CreateCollection" else "ResourceNotFoundException"
        assert code_of(answer) == expected, operation


@pytest.mark.slow
@pytest.mark.parametrize(
    "arn", [f"{ARN}staff-1", "arn:aws:s3:::door-1-bucket/door-1", f"{ARN.replace('1234', '4321')}"
            "door-1", f"{ARN}a/door-1", f"{ARN}door-1/", ARN, f"x{ARN}door-1"],
)  # fmt: skip
def test_an_arn_of_another_resource_is_denied(deployment, arn):
    key = deployment.new_key(collections=("door-*",))
    answer = key.send("ListTagsForResource", {"ResourceArn": arn})
    assert code_of(answer) == "AccessDeniedException"


def test_an_arn_is_accepted_with_its_prefix_and_without(deployment, owner):
    key = deployment.new_key(collections=("door-*",))
    for arn in (f"{ARN}door-1", f"{ARN}door-1".removeprefix("arn:")):
        tagged = {"ResourceArn": arn, "Tags": {"team": "door"}}
        assert key.send("TagResource", tagged) == (200, {})
        assert key.send("ListTagsForResource", {"ResourceArn": arn}) == (
            200, {"Tags": {"team": "door"}},
        )  # fmt: skip


@pytest.mark.slow
def test_a_listing_shows_only_collections_that_the_key_may_see(client_of, deployment, owner):
    narrow = client_of(deployment.new_key(collections=("door-*", "staff-2")))
    listed = narrow.list_collections()
    assert listed["CollectionIds"] == ["door-1", "door-2", "staff-2"]
    assert len(listed["FaceModelVersions"]) == 3
    assert owner.list_collections()["CollectionIds"] == ["door-1", "door-2", "staff-1", "staff-2"]
    blind = client_of(deployment.new_key(collections=("nothing",)))
    assert blind.list_collections()["CollectionIds"] == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 3, 4, 50])
def test_pages_are_full_despite_hidden_collections_between(client_of, deployment, owner, size):
    for n in range(20):
        owner.create_collection(CollectionId=f"{n:02}-{'seen' if n % 7 == 0 else 'hidden'}")
    narrow = client_of(deployment.new_key(collections=("*-seen", "staff-2")))
    pages = [
        page["CollectionIds"]
        for page in narrow.get_paginator("list_collections").paginate(
            PaginationConfig={"PageSize": size}
        )
    ]
    seen = ["00-seen", "07-seen", "14-seen", "staff-2"]
    assert [each for page in pages for each in page] == seen
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert len(pages) == -(-len(seen) // size)


def test_a_key_may_name_only_its_own_pictures_in_s3(client_of, deployment, owner, s3):
    for name in ("door/ann", "staff/ann"):
        s3.put_object(Bucket=INPUT_BUCKET, Key=name, Body=picture("ann"))
    narrow = client_of(deployment.new_key(images=(f"{INPUT_BUCKET}/door/*",)))

    def detect(client, name):
        place = {"S3Object": {"Bucket": INPUT_BUCKET, "Name": name}}
        return len(client.detect_faces(Image=place)["FaceDetails"])

    assert detect(narrow, "door/ann") == detect(owner, "staff/ann") == 1
    refusals = []
    for name in ("staff/ann", "staff/nobody", "door/nobody"):
        with pytest.raises(narrow.exceptions.InvalidS3ObjectException) as refused:
            detect(narrow, name)
        refusals.append(refused.value.response["Error"])
    assert refusals[0] == refusals[1] == refusals[2]


def test_a_key_without_pictures_in_s3_may_send_bytes(client_of, deployment, owner):
    client = client_of(deployment.new_key(images=()))
    assert client.detect_faces(Image={"Bytes": picture("ann")})["FaceDetails"]
    with pytest.raises(client.exceptions.InvalidS3ObjectException):
        client.detect_faces(Image={"S3Object": {"Bucket": INPUT_BUCKET, "Name": "x"}})


def obeys_within(deployment, key, seconds, *, let_in):
    """A process that has read the key before."""
    for _ in range(seconds):
        if key.is_let_in() is let_in:
            return True
        deployment.clock.advance(1)
    return key.is_let_in() is let_in


@pytest.mark.slow
def test_a_disabled_key_is_refused_within_a_minute_until_it_is_enabled_again(deployment, key):
    assert key.is_let_in()
    deployment.keys.set_disabled(key.stored.id, disabled=True)
    assert obeys_within(deployment, key, 60, let_in=False)
    deployment.keys.set_disabled(key.stored.id, disabled=False)
    assert obeys_within(deployment, key, 60, let_in=True)


@pytest.mark.slow
def test_a_deleted_key_is_refused_within_a_minute(deployment, key):
    assert key.is_let_in()
    deployment.keys.delete(key.stored.id)
    assert obeys_within(deployment, key, 60, let_in=False)
    with pytest.raises(Conflict):
        deployment.keys.set_disabled(key.stored.id, disabled=False)


def test_a_new_key_is_accepted_within_seconds(deployment, key):
    assert key.is_let_in()
    new = deployment.new_key(name="new", wait=False)
    assert not new.is_let_in()
    assert obeys_within(deployment, new, 5, let_in=True)


def test_a_key_expires_at_its_second(deployment):
    end = deployment.clock() + 60
    key = deployment.new_key(valid_until=end)
    for now, is_let_in in ((end - 59, True), (end - 0.01, True), (end, False)):
        deployment.clock.now = now
        assert key.is_let_in() is is_let_in


def test_a_clock_that_was_set_back_does_not_keep_a_disabled_key_valid(deployment, key):
    assert key.is_let_in()
    deployment.keys.set_disabled(key.stored.id, disabled=True)
    deployment.clock.advance(-100)
    assert not key.is_let_in()


def test_the_previous_secret_works_until_the_chosen_end(deployment, key):
    assert key.is_let_in()
    secret = new_secret()
    sealed = deployment.seal.close(key.stored.id, secret)
    deployment.keys.rotate(key.stored, sealed, previous_until=deployment.clock() + 100)
    deployment.clock.advance(60)
    old = key.signed()
    key.secret = secret
    assert deployment.send(key.signed())[0] == 200
    assert deployment.send(old)[0] == 200
    deployment.clock.advance(40)
    assert code_of(deployment.send(old)) == "InvalidSignatureException"
    assert deployment.send(key.signed())[0] == 200


def test_the_second_of_two_rotations_at_once_is_a_conflict(deployment, key):
    first, second = (deployment.seal.close(key.stored.id, new_secret()) for _ in range(2))
    deployment.keys.rotate(key.stored, first, previous_until=0)
    with pytest.raises(Conflict):
        deployment.keys.rotate(key.stored, second, previous_until=0)


def test_a_sealed_secret_is_valid_for_its_own_key_only(deployment, key, table):
    """A person who can write the table but not use the KMS key cannot make a working key."""
    (item,) = (each for each in table.scan()["Items"] if each["sk"] == key.stored.id)
    assert key.secret.encode() not in bytes(item["secret"])
    assert key.secret not in str(item)
    thief = deployment.new_key(name="thief", operations=("ListFaces",))
    table.update_item(
        Key={"pk": "KEYS", "sk": key.stored.id},
        UpdateExpression="SET secret = :theirs",
        ExpressionAttributeValues={":theirs": thief.stored.secret},
    )
    key.secret = thief.secret
    answer = deployment.send(key.signed(), deployment.new_process())
    assert code_of(answer) == "InvalidSignatureException"


def test_no_log_output_or_reply_holds_a_secret(deployment, key, client_of, caplog, capsys):
    with caplog.at_level("DEBUG"):
        client = client_of(key)
        client.list_collections()
        with pytest.raises(ClientError):
            client.describe_collection(CollectionId="nowhere")
        wrong = changed(key.signed(), lambda event: event.update(body="{ }"))
        _, reply = deployment.send(wrong, deployment.new_process())
    told = caplog.text + "".join(capsys.readouterr()) + json.dumps(reply)
    # This client is botocore's own and signs in this process too; its log must not hold the secret.
    assert key.secret not in told
    process = deployment.new_process()
    deployment.send(key.signed(), process)
    for shown in (key.stored, process, vars(process), process._ring, deployment.seal):
        assert key.secret not in repr(shown)
        assert repr(key.stored.secret) not in repr(shown)


def test_ids_and_secrets_are_of_awss_lengths_and_never_the_same():
    ids, secrets = {new_id() for _ in range(100)}, {new_secret() for _ in range(100)}
    assert len(ids) == len(secrets) == 100
    assert all(is_id(each) and len(each) == 20 and each.isalnum() for each in ids)
    assert all(len(each) == 40 and each.isalnum() for each in secrets)
    assert not is_id("AKIAIOSFODNN7EXAMPLE")
