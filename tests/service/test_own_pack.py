"""The whole service with an owner's pack: SFace alone, as somebody's own embedder."""

import io
from pathlib import Path

import numpy as np
import pytest

from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from tests.world.own_pack import write_own_pack
from tools.checkout import MODELS, PHOTOS

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    basis = io.BytesIO()
    np.save(basis, np.eye(128, dtype=np.float32)[:, :120])
    weights = (MODELS / "sface.onnx").read_bytes()
    own = write_own_pack(tmp_path / "own", weights, basis.getvalue(), size=120)
    return Engine(load_pack(str(own), MODELS))


def test_faces_are_indexed_and_found_with_the_owners_embedder(rekognition):
    rekognition.create_collection(CollectionId="staff")
    for person in ("obama", "biden"):
        image = {"Bytes": (PHOTOS / f"{person}.jpg").read_bytes()}
        rekognition.index_faces(CollectionId="staff", Image=image, ExternalImageId=person)
    other_photo = {"Bytes": (PHOTOS / "obama2.jpg").read_bytes()}
    reply = rekognition.search_faces_by_image(
        CollectionId="staff", Image=other_photo, FaceMatchThreshold=80
    )
    assert [each["Face"]["ExternalImageId"] for each in reply["FaceMatches"]] == ["obama"]
    described = rekognition.describe_collection(CollectionId="staff")
    assert described["FaceCount"] == 2
    assert described["FaceModelVersion"]
