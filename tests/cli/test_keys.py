"""`semblance keys`, from the command line to the key ring of a function."""

import json
import re
import shlex
import time
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from semblance.access.access_key import new_id
from semblance.access.key_ring import KeyRing
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from semblance_cli import main as cli
from tests.cli.conftest import REGION
from tests.world.account import make_table

pytestmark = pytest.mark.slow  # each of them has a cloud of its own
DAY = 86_400


@pytest.fixture
def stack(s3, api):
    """The stack Faces; `s3` is the cloud that it is in."""
    kms = boto3.client("kms", region_name=REGION)
    table = make_table(boto3.resource("dynamodb", region_name=REGION))
    api.outputs = {
        "Auth": "keys",
        "KeyArn": kms.create_key()["KeyMetadata"]["Arn"],
        "TableName": table.name,
    }
    return table, kms, api.outputs


@pytest.fixture
def ring(stack):
    """A function: the key ring of a function that has just started."""
    table, kms, outputs = stack
    return lambda at=time.time: KeyRing(
        load=AccessKeyTable(table).all, open_secret=Seal(kms, outputs["KeyArn"]).open, clock=at
    )


@pytest.fixture
def keys(stack, capsys):
    """The command: its status, its stdout and its stderr."""

    def run(*words):
        try:
            status = cli.main(["keys", words[0], "--stack", "Faces", *words[1:]])
        except SystemExit as refused:
            status = refused.code
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def door(keys):
    """A new key, as `--json` printed it."""
    words = ["--operations", "Search*,ListFaces", "--collections", "door-*", "--json"]
    status, out, _ = keys("create", "door", *words)
    assert status == 0
    return json.loads(out)


def secrets_of(ring, access_key_id):
    key = ring.working(access_key_id)
    return key and ring.secrets(key)


def test_a_key_is_created_with_what_it_may_do(ring, keys):
    status, out, err = keys(
        "create", "gate-7", "--operations", "SearchFacesByImage, ListFaces", "--operations", "D*",
        "--collections", "door-*,staff", "--images", "photos/door/*", "--images", "photos/a,b",
        "--expires", "90d", "--json",
    )  # fmt: skip
    assert (status, "shown this once" in err) == (0, False)
    printed = json.loads(out)
    secret = printed.pop("SecretAccessKey")
    known = ring()
    key = known.working(printed["AccessKeyId"])
    assert known.secrets(key) == [secret]
    assert key.operations == ("SearchFacesByImage", "ListFaces", "D*")
    assert key.collections == ("door-*", "staff")
    assert key.images == ("photos/door/*", "photos/a,b")
    assert abs(key.valid_until - time.time() - 90 * DAY) < 60
    (listed,) = json.loads(keys("list", "--json")[1])
    assert listed == printed
    assert (printed["Name"], printed["State"]) == ("gate-7", "active")
    assert printed["ExpiresAt"].endswith("Z")


def test_the_secret_is_shown_once(ring, keys, stack):
    status, out, err = keys("create", "door", "--operations", "*", "--collections", "*")
    assert status == 0
    access_key_id, secret = re.findall(r"access key.*?(\w{20,})", out)
    assert secrets_of(ring(), access_key_id) == [secret]
    assert "shown this once" in err
    table, *_ = stack
    later = str(table.scan()) + "".join(map(str, keys("list") + keys("list", "--json")))
    assert access_key_id in later
    assert secret not in later


def test_a_key_allows_no_pictures_in_s3_without_images(ring, door):
    assert ring().working(door["AccessKeyId"]).images == ()


def test_all_keys_are_listed(keys, door, ring, stack):
    known = ring().working(door["AccessKeyId"])
    AccessKeyTable(stack[0]).add(replace(known, id=new_id(), name="old", valid_until=1.5e9))
    keys("disable", "door")
    status, out, _ = keys("list")
    rows = {line.split("│")[2].strip(): line for line in out.splitlines() if "SMBL" in line}
    assert status == 0
    assert set(rows) == {"door", "old"}
    assert door["AccessKeyId"] in rows["door"]
    assert "disabled" in rows["door"]
    assert "Search*, ListFaces" in rows["door"]
    assert "never" in rows["door"]
    assert "expired" in rows["old"]


@pytest.mark.parametrize("by", ["Name", "AccessKeyId"])
def test_a_key_is_disabled_enabled_and_deleted(ring, keys, door, by):
    id_ = door["AccessKeyId"]
    for command, is_known in (("disable", False), ("enable", True), ("delete", False)):
        status, out, err = keys(command, door[by])
        assert (status, out) == (0, "")
        assert f"{command}d" in err
        assert (ring().working(id_) is not None) is is_known
    assert keys("list", "--json")[1] == "[]\n"
    status, _, err = keys("enable", door[by])
    assert status == 2
    assert f"There is no key {door[by]}" in err


def test_a_rotated_key_has_two_secrets_for_a_day(ring, keys, door):
    status, out, err = keys("rotate", "door", "--json")
    assert status == 0
    printed = json.loads(out)
    id_, old, new = door["AccessKeyId"], door["SecretAccessKey"], printed["SecretAccessKey"]
    assert printed["AccessKeyId"] == id_
    assert new != old
    assert secrets_of(ring(), id_) == [new, old]
    assert secrets_of(ring(lambda: time.time() + DAY + 1), id_) == [new]
    assert printed["PreviousSecretUntil"] in err


def test_a_secret_that_has_leaked_is_replaced_at_once(ring, keys, door):
    status, out, err = keys("rotate", "door", "--overlap", "0", "--json")
    assert status == 0
    assert secrets_of(ring(), door["AccessKeyId"]) == [json.loads(out)["SecretAccessKey"]]
    assert "no longer works" in err


def test_a_name_in_use_is_refused(ring, keys, door):
    status, out, err = keys("create", "door", "--operations", "*", "--collections", "*")
    assert (status, out) == (2, "")
    assert "There is a key door already" in err


def test_creating_a_key_without_auth_keys_gives_a_note(keys, stack):
    stack[2]["Auth"] = "iam"
    status, _, err = keys("create", "door", "--operations", "*", "--collections", "*")
    assert status == 0
    assert "auth=iam: it lets no key in" in err


def test_a_stack_of_something_else_is_refused(keys, stack):
    stack[2].clear()
    status, _, err = keys("list")
    assert status == 2
    assert "no output Auth, KeyArn, TableName" in err


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--operations", "Serch*", "'Serch*' matches none of CreateCollection, "),
        ("--operations", "SearchFaces,", "'' matches none of"),
        ("--collections", "two words", "'two words' is not a pattern of collection ids"),
        ("--collections", "", "'' is not a pattern of collection ids"),
        ("--images", "photos", "'photos' is not a pattern of BUCKET/KEY"),
        ("--expires", "soon", "'soon' is neither a time such as 90d nor a day"),
        ("--expires", "2020-01-31", "2020-01-31 is over already"),
        ("--expires", "0", "neither a time"),
    ],
)
def test_a_value_without_sense_is_refused(keys, option, value, text):
    words = {"--operations": "*", "--collections": "*"} | {option: value}
    status, out, err = keys("create", "door", *(each for pair in words.items() for each in pair))
    assert (status, out) == (2, "")
    assert text in " ".join(err.split())
    assert json.loads(keys("list", "--json")[1]) == []


@pytest.mark.parametrize("name", ["", "two words", "a/b", "*", "-x", "é", "x" * 65])
def test_a_name_that_no_arn_can_have_is_refused(keys, name):
    status, _, err = keys("create", "--operations", "*", "--collections", "*", "--", name)
    assert status == 2
    assert "is not a name" in err


def test_the_commands_of_the_document_work_in_their_order(keys):
    document = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
    block, _ = re.findall(r"^```sh\n(.*?)^```$", document, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines():
        assert line.startswith("semblance keys ")
        assert keys(*shlex.split(line)[2:])[0] == 0, line
    (left,) = json.loads(keys("list", "--json")[1])
    assert (left["Name"], left["State"]) == ("door", "active")
