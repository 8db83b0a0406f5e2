"""A deployment with an owner's pack, SFace alone: faces are indexed, found and searched from S3."""

import io

import numpy as np
import pytest

from semblance.client import sign_for_api_gateway
from tests.deployed.results import awaited
from tests.world.own_pack import write_own_pack
from tools.checkout import MODELS
from tools.local.cloud import Deployment, LocalCloud

pytestmark = pytest.mark.deployed


@pytest.fixture(scope="module")
def own_stack(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    basis = io.BytesIO()
    np.save(basis, np.eye(128, dtype=np.float32))
    weights = (MODELS / "sface.onnx").read_bytes()
    own = tmp_path_factory.mktemp("packs") / "mine"
    write_own_pack(own, weights, basis.getvalue(), size=128)
    choices = {"stack_name": "WithOwnPack", "model_pack": str(own)}
    return LocalCloud(deployment.emulator, choices=choices).deploy()


def test_the_owners_embedder_indexes_and_searches_in_the_functions(own_stack, photo):
    client = sign_for_api_gateway(own_stack.client("rekognition"))
    client.create_collection(CollectionId="staff")
    for person in ("obama", "biden"):
        image = {"Bytes": photo(f"{person}.jpg")}
        client.index_faces(CollectionId="staff", Image=image, ExternalImageId=person)
    reply = client.search_faces_by_image(
        CollectionId="staff", Image={"Bytes": photo("obama2.jpg")}, FaceMatchThreshold=80
    )
    assert [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["obama"]

    s3, key = own_stack.client("s3"), "search/staff/obama2.jpg"
    s3.put_object(Bucket=own_stack.input_bucket, Key=key, Body=photo("obama2.jpg"))
    (face,) = awaited(s3, own_stack, key)["Faces"]
    assert [match["Face"]["ExternalImageId"] for match in face["FaceMatches"]] == ["obama"]


def test_the_stack_names_the_owners_pack_and_its_licence(own_stack):
    assert own_stack.outputs["ModelPack"].endswith("/mine")
    assert "mine.onnx: Ours alone" in own_stack.outputs["ModelLicence"]
