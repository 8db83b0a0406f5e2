"""A deployment that gets another model pack: the collections it can read, and those it cannot."""

from pathlib import Path

import pytest

from semblance.vision.packs.loading import load_pack
from tests.service.conftest import MakeClient, MakeService
from tests.world.fakes import FakeEngine, picture

pytestmark = pytest.mark.slow


@pytest.fixture
def deployed(make_service: MakeService, make_client: MakeClient):
    """A client of the deployment once it runs the named pack, over the same tables."""

    def client_of(pack: str):
        codec = load_pack(pack, Path("nowhere")).embedder.codec
        return make_client(make_service(engine=FakeEngine(codec)))

    return client_of


def index(client) -> str:
    client.create_collection(CollectionId="by-pack")
    reply = client.index_faces(CollectionId="by-pack", Image={"Bytes": picture("ann")})
    return str(reply["FaceRecords"][0]["Face"]["FaceId"])


@pytest.mark.parametrize(("first", "second"), [("scrfd", "open"), ("open", "scrfd")])
def test_with_another_detector_a_collection_goes_on(deployed, first, second):
    face_id = index(deployed(first))
    reply = deployed(second).search_faces_by_image(
        CollectionId="by-pack", Image={"Bytes": picture("ann", shot=1)}
    )
    assert [match["Face"]["FaceId"] for match in reply["FaceMatches"]] == [face_id]


@pytest.mark.parametrize(("first", "second"), [("open-light", "open"), ("open", "open-light")])
def test_with_another_embedder_a_collection_is_refused_with_the_way_out(deployed, first, second):
    index(deployed(first))
    client = deployed(second)
    for search in (client.search_faces_by_image, client.index_faces):
        with pytest.raises(client.exceptions.InvalidParameterException) as refusal:
            search(CollectionId="by-pack", Image={"Bytes": picture("ann", shot=1)})
        message = refusal.value.response["Error"]["Message"]
        assert "deploy the model pack that it was made with, or index its photos anew" in message
    assert client.describe_collection(CollectionId="by-pack")["FaceCount"] == 1
