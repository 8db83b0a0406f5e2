"""The compactor as deployed, with its own grants, run as docs/operating.md describes."""

import os
import subprocess
import time

import boto3
import pytest

from semblance.model.gallery import Collection
from semblance.stores.changes import ChangeWriter
from semblance.stores.collections import CollectionTable
from semblance.stores.faces import FaceTable
from semblance.vision.packs.loading import load_codecs
from tests.deployed.results import awaited
from tests.world.compacting import stored_face
from tools.checkout import CHECKOUT
from tools.local.emulator import REGION, ROOT


@pytest.fixture(scope="module")
def compact(deployment):
    """A function that runs `semblance compact` as an operator would and returns its output."""

    def run(*arguments, status=0):
        done = subprocess.run(
            [CHECKOUT / ".venv/bin/semblance", "compact", *arguments],
            cwd=CHECKOUT,
            env=os.environ | deployment.environment() | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def items(deployment):
    """A function that returns the table's items in the partitions with these prefixes."""
    table = deployment.outputs["TableName"]

    def scan(*beginnings):
        pages = deployment.client("dynamodb").get_paginator("scan").paginate(TableName=table)
        found = [item for page in pages for item in page["Items"]]
        return [item for item in found if item["pk"]["S"].startswith(beginnings)]

    return scan


def test_a_deleted_face_is_stripped_to_its_key(compact, items, indexed, rekognition, deployment):
    uid = uid_of(items, indexed)
    faces = {f["ExternalImageId"]: f["FaceId"] for f in listed(rekognition, indexed)}
    rekognition.delete_faces(CollectionId=indexed, FaceIds=[faces["obama"]])
    said = compact(indexed)
    assert indexed in said
    (face,) = (item for item in items(f"F#{uid}") if item["sk"]["S"] == faces["obama"])
    assert face.keys() == {"pk", "sk", "expires_at"}
    added = sorted(len(item["added"]["B"]) for item in items(f"L#{uid}") if "added" in item)
    assert added == [0, 16]


def test_everything_of_a_deleted_collection_is_erased(compact, items, rekognition, photo):
    rekognition.create_collection(CollectionId="closed")
    rekognition.index_faces(CollectionId="closed", Image={"Bytes": photo("biden.jpg")})
    uid = uid_of(items, "closed")
    rekognition.delete_collection(CollectionId="closed")
    assert items(f"F#{uid}")
    assert "swept" in compact()
    assert items(f"F#{uid}", f"L#{uid}", f"U#{uid}") == []


def test_a_snapshot_serves_a_cold_function(
    compact, items, rekognition, deployment, collection, photo, s3
):
    """The deployed functions write and read it with their own grants."""
    rekognition.index_faces(
        CollectionId=collection, Image={"Bytes": photo("obama.jpg")}, ExternalImageId="obama"
    )
    fill(deployment, item_of(items, collection))
    assert "1,001 faces" in compact(collection)
    prefix = f"snapshots/{uid_of(items, collection)}/"
    bucket = deployment.outputs["SnapshotsBucket"]
    assert s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"] == 1
    key = f"search/{collection}/door.jpg"
    s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=photo("obama2.jpg"))
    (face,) = awaited(s3, deployment, key)["Faces"]
    assert face["FaceMatches"][0]["Face"]["ExternalImageId"] == "obama"
    found = rekognition.search_faces_by_image(
        CollectionId=collection, Image={"Bytes": photo("obama3.jpg")}
    )
    assert found["FaceMatches"][0]["Face"]["ExternalImageId"] == "obama"


def test_a_missing_collection_is_named(compact):
    assert "nobody does not exist" in compact("nobody", status=2)


def fill(deployment, item):
    """Adds a thousand faces directly to the table, without the models."""
    table = boto3.resource(
        "dynamodb",
        region_name=REGION,
        endpoint_url=deployment.emulator.url,
        verify=str(deployment.emulator.certificate.bundle),
        **{name.lower(): value for name, value in ROOT.items()},
    ).Table(deployment.outputs["TableName"])
    name, uid, model_id = (item[key]["S"] for key in ("sk", "uid", "model_id"))
    faces = FaceTable(table, ChangeWriter(time.time), codec=load_codecs()[model_id])
    added = faces.add(uid, [stored_face(number) for number in range(1000)])
    CollectionTable(table).count(Collection(name, uid, 0, model_id), faces=added.new)


def uid_of(items, collection):
    return item_of(items, collection)["uid"]["S"]


def item_of(items, collection):
    (item,) = (each for each in items("COLLECTIONS") if each["sk"]["S"] == collection)
    return item


def listed(rekognition, collection):
    return rekognition.list_faces(CollectionId=collection)["Faces"]
