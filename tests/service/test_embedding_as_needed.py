"""Faces are embedded only when a request needs it: a default pack's second network takes longer
than finding a face."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from semblance.embedding.codec import Embeddings
from semblance.model.detected import DetectedFace
from tests.world.fakes import FakeEngine, picture

CROWD = {"Bytes": picture("ann", "bob", "eve", "joe", poor=("eve",))}


@dataclass(frozen=True)
class CountingEngine(FakeEngine):
    counts: list[int] = field(default_factory=list)
    """Faces of each call of `embed`."""

    def embed(self, faces: Sequence[DetectedFace]) -> Embeddings:
        self.counts.append(len(faces))
        return super().embed(faces)


@pytest.fixture
def engine():
    return CountingEngine()


@pytest.fixture
def client(rekognition):
    rekognition.create_collection(CollectionId="few")
    return rekognition


def test_describing_faces_embeds_none(client, engine):
    assert len(client.detect_faces(Image=CROWD)["FaceDetails"]) == 4
    assert engine.counts == []


def test_indexing_embeds_the_faces_that_are_stored(client, engine):
    reply = client.index_faces(CollectionId="few", Image=CROWD, MaxFaces=2)
    assert len(reply["FaceRecords"]) == 2
    assert len(reply["UnindexedFaces"]) == 2
    assert engine.counts == [2]


def test_searching_embeds_the_face_that_is_searched(client, engine):
    client.search_faces_by_image(CollectionId="few", Image=CROWD)
    client.search_users_by_image(CollectionId="few", Image=CROWD)
    assert engine.counts == [1, 1]


def test_comparing_embeds_the_faces_that_pass_the_filter(client, engine):
    client.compare_faces(
        SourceImage={"Bytes": picture("ann")}, TargetImage=CROWD, QualityFilter="AUTO"
    )
    assert engine.counts == [1 + 3]
