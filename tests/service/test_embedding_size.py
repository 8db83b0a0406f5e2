"""The service with embeddings of another size than those of today's packs: nothing assumes 160."""

from dataclasses import replace

import pytest

from tests.world.compacting import make_compacting
from tests.world.fakes import CODEC, FakeEngine, embedding_of, picture

pytestmark = pytest.mark.slow


@pytest.fixture(params=[96, 512])
def engine(request):
    return FakeEngine(replace(CODEC, model_id=f"fake-{request.param}", size=request.param))


def found(client, person):
    reply = client.search_faces_by_image(
        CollectionId="staff", Image={"Bytes": picture(person, shot=1)}
    )
    return [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]]


def test_faces_and_users_are_found_warm_and_from_a_snapshot(
    engine, rekognition, service, make_service, make_client, table, s3, snapshots, tmp_path
):
    rekognition.create_collection(CollectionId="staff")
    face_ids = {}
    for person in ("ann", "bob", "eve"):
        reply = rekognition.index_faces(
            CollectionId="staff", Image={"Bytes": picture(person)}, ExternalImageId=person
        )
        (face_ids[person],) = [record["Face"]["FaceId"] for record in reply["FaceRecords"]]
    rekognition.create_user(CollectionId="staff", UserId="the-boss")
    rekognition.associate_faces(
        CollectionId="staff", UserId="the-boss", FaceIds=[face_ids["bob"], face_ids["eve"]]
    )
    rekognition.delete_faces(CollectionId="staff", FaceIds=[face_ids["ann"]])
    assert [found(rekognition, person) for person in ("ann", "bob")] == [[], ["bob"]]

    compacting = make_compacting(table, s3, service, snapshots, tmp_path)
    small = replace(compacting.maintenance, fewest_faces=1)
    report = replace(compacting, maintenance=small).run({"CollectionId": "staff"})
    assert report["Compacted"][0]["snapshot_faces"] == 2
    assert not compacting.holds(embedding_of("ann", size=engine.codec.size).astype("<f2").tobytes())

    cold = make_client(make_service())
    assert [found(cold, person) for person in ("ann", "bob")] == [[], ["bob"]]
    reply = cold.search_users(CollectionId="staff", FaceId=face_ids["bob"])
    assert [match["User"]["UserId"] for match in reply["UserMatches"]] == ["the-boss"]
