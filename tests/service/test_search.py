"""SearchFaces and SearchFacesByImage."""

import numpy as np
import pytest

from tests.world.fakes import embedding_of, picture
from tests.world.service import KNOTS

UNKNOWN_FACE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def people(rekognition) -> dict[str, str]:
    """From name to face id: three people, with two shots of Ann."""
    rekognition.create_collection(CollectionId="staff")
    shots = {"ann": ("ann", 0), "ann again": ("ann", 1), "bob": ("bob", 0), "eve": ("eve", 0)}
    return {
        name: rekognition.index_faces(
            CollectionId="staff",
            Image={"Bytes": picture(person, shot=shot)},
            ExternalImageId=name.replace(" ", "_"),
        )["FaceRecords"][0]["Face"]["FaceId"]
        for name, (person, shot) in shots.items()
    }


def by_image(rekognition, *faces, **request):
    image = {"Bytes": picture(*faces, **request.pop("picture", {}))}
    return rekognition.search_faces_by_image(CollectionId="staff", Image=image, **request)


def matched(reply):
    return [match["Face"]["FaceId"] for match in reply["FaceMatches"]]


def expected_similarity(one, other):
    cosine = float(one.astype("<f2").astype(np.float64) @ other)
    return np.interp(cosine, *np.array(KNOTS).T)


def test_search_by_image_finds_every_shot_best_first(rekognition, people):
    reply = by_image(rekognition, "ann")
    assert matched(reply) == [people["ann"], people["ann again"]]
    best, second = (match["Similarity"] for match in reply["FaceMatches"])
    assert best == pytest.approx(100, abs=1e-3)
    assert second == pytest.approx(
        expected_similarity(embedding_of("ann", 1), embedding_of("ann")), abs=1e-2
    )
    assert reply["FaceMatches"][0]["Face"]["ExternalImageId"] == "ann"
    assert reply["SearchedFaceConfidence"] == 99.5
    assert reply["SearchedFaceBoundingBox"]["Width"] == pytest.approx(0.2)
    assert reply["FaceModelVersion"] == "7.0"


@pytest.mark.slow
def test_search_by_image_searches_the_largest_face(rekognition, people):
    assert matched(by_image(rekognition, "bob", "ann")) == [people["bob"]]


@pytest.mark.slow
def test_search_by_image_with_a_quality_filter_takes_the_largest_that_passes(rekognition, people):
    poor = {"picture": {"poor": ("bob",)}}
    assert matched(by_image(rekognition, "bob", "eve", **poor)) == [people["bob"]]
    filtered = by_image(rekognition, "bob", "eve", QualityFilter="AUTO", **poor)
    assert matched(filtered) == [people["eve"]]


@pytest.mark.slow
@pytest.mark.parametrize("request_", [{}, {"QualityFilter": "AUTO", "picture": {"poor": ("x",)}}])
def test_search_by_image_without_a_usable_face_is_refused(rekognition, people, request_):
    faces = ("x",) if request_ else ()
    with pytest.raises(
        rekognition.exceptions.InvalidParameterException,
        match=r"There are no faces in the image\. Should be at least 1\.",
    ):
        by_image(rekognition, *faces, **request_)


@pytest.mark.slow
def test_a_stranger_matches_nobody(rekognition, people):
    assert by_image(rekognition, "mallory")["FaceMatches"] == []


@pytest.mark.slow
def test_threshold_zero_matches_every_face(rekognition, people):
    reply = by_image(rekognition, "mallory", FaceMatchThreshold=0)
    assert set(matched(reply)) == set(people.values())
    assert all(match["Similarity"] >= 0 for match in reply["FaceMatches"])


@pytest.mark.slow
def test_the_threshold_is_inclusive(rekognition, people):
    second = by_image(rekognition, "ann")["FaceMatches"][1]["Similarity"]
    assert len(matched(by_image(rekognition, "ann", FaceMatchThreshold=second))) == 2
    above = float(np.nextafter(np.float32(second), np.float32(200)))
    assert len(matched(by_image(rekognition, "ann", FaceMatchThreshold=above))) == 1


@pytest.mark.slow
def test_max_faces_keeps_the_best(rekognition, people):
    assert matched(by_image(rekognition, "ann", MaxFaces=1)) == [people["ann"]]


@pytest.mark.slow
def test_search_faces_leaves_out_the_searched_face(rekognition, people):
    reply = rekognition.search_faces(CollectionId="staff", FaceId=people["ann"])
    assert reply["SearchedFaceId"] == people["ann"]
    assert matched(reply) == [people["ann again"]]
    reply = rekognition.search_faces(CollectionId="staff", FaceId=people["ann"], MaxFaces=1)
    assert matched(reply) == [people["ann again"]]


@pytest.mark.slow
def test_search_faces_finds_the_same_picture_under_another_name_at_100(rekognition, people):
    rekognition.index_faces(
        CollectionId="staff", Image={"Bytes": picture("bob")}, ExternalImageId="twin"
    )
    reply = rekognition.search_faces(
        CollectionId="staff", FaceId=people["bob"], FaceMatchThreshold=100
    )
    assert [match["Face"]["ExternalImageId"] for match in reply["FaceMatches"]] == ["twin"]
    assert reply["FaceMatches"][0]["Similarity"] == 100


@pytest.mark.slow
@pytest.mark.parametrize("deleted", [False, True])
def test_search_faces_refuses_an_unknown_face(rekognition, people, deleted):
    if deleted:
        rekognition.delete_faces(CollectionId="staff", FaceIds=[people["bob"]])
    with pytest.raises(
        rekognition.exceptions.InvalidParameterException,
        match=r"faceId was not found in the collection\.",
    ):
        rekognition.search_faces(
            CollectionId="staff", FaceId=people["bob"] if deleted else UNKNOWN_FACE
        )


@pytest.mark.slow
def test_collections_do_not_see_each_other(rekognition, people):
    rekognition.create_collection(CollectionId="guests")
    reply = rekognition.search_faces_by_image(
        CollectionId="guests", Image={"Bytes": picture("ann")}, FaceMatchThreshold=0
    )
    assert reply["FaceMatches"] == []
