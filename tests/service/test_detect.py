"""DetectFaces and CompareFaces."""

import pytest

from tests.world.fakes import picture

DEFAULT_DETAIL = {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}


def detected(rekognition, *people, **request):
    return rekognition.detect_faces(Image={"Bytes": picture(*people)}, **request)["FaceDetails"]


def compared(rekognition, source, target, **request):
    return rekognition.compare_faces(
        SourceImage={"Bytes": source}, TargetImage={"Bytes": target}, **request
    )


def test_detect_faces_returns_every_face_largest_first(rekognition):
    ann, bob = detected(rekognition, "ann", "bob")
    assert ann["BoundingBox"]["Width"] > bob["BoundingBox"]["Width"]
    assert ann.keys() == DEFAULT_DETAIL
    assert len(ann["Landmarks"]) == 5


@pytest.mark.parametrize("attributes", [[], ["DEFAULT"], ["GENDER", "EMOTIONS"]])
def test_attributes_that_cannot_be_judged_are_left_out(rekognition, attributes):
    (face,) = detected(rekognition, "ann", Attributes=attributes)
    assert face.keys() == DEFAULT_DETAIL


def test_detect_faces_of_a_picture_without_a_face(rekognition):
    assert detected(rekognition) == []


def test_compare_faces_compares_the_largest_source_face_with_all(rekognition):
    reply = compared(rekognition, picture("ann", "joe"), picture("bob", "ann", "eve", shot=1))
    (match,) = reply["FaceMatches"]
    assert match["Similarity"] > 99
    assert match["Face"].keys() == DEFAULT_DETAIL
    assert match["Face"]["BoundingBox"]["Left"] == pytest.approx(0.03)
    assert len(reply["UnmatchedFaces"]) == 2
    assert reply["UnmatchedFaces"][0].keys() == DEFAULT_DETAIL
    assert reply["SourceImageFace"]["Confidence"] == 99.5
    assert reply["SourceImageFace"]["BoundingBox"]["Width"] == pytest.approx(0.2)


def test_compare_faces_threshold_is_inclusive_and_matches_come_best_first(rekognition):
    target = picture("bob", "ann", "eve", shot=1)
    reply = compared(rekognition, picture("ann"), target, SimilarityThreshold=0)
    similarities = [match["Similarity"] for match in reply["FaceMatches"]]
    assert len(similarities) == 3
    assert similarities == sorted(similarities, reverse=True)
    assert reply["UnmatchedFaces"] == []
    at = compared(rekognition, picture("ann"), target, SimilarityThreshold=similarities[0])
    assert len(at["FaceMatches"]) == 1


@pytest.mark.parametrize(
    ("source", "target"),
    [(picture(), picture("ann")), (picture("ann"), picture()), (picture(), picture())],
)
def test_compare_faces_without_a_face_on_either_side_is_refused(rekognition, source, target):
    with pytest.raises(
        rekognition.exceptions.InvalidParameterException, match="Request has invalid parameters"
    ):
        compared(rekognition, source, target)


def test_compare_faces_leaves_out_what_the_quality_filter_drops(rekognition):
    target = picture("bob", "ann", poor=("bob",))
    reply = compared(rekognition, picture("ann"), target, QualityFilter="AUTO")
    assert len(reply["FaceMatches"]) == 1
    assert reply["UnmatchedFaces"] == []
    poor = picture("ann", "bob", poor=("ann",))
    reply = compared(rekognition, poor, picture("bob"), QualityFilter="AUTO")
    assert len(reply["FaceMatches"]) == 1


@pytest.mark.parametrize("side", ["SourceImage", "TargetImage"])
def test_compare_faces_refuses_a_file_that_is_no_picture_on_either_side(rekognition, side):
    request = {"SourceImage": {"Bytes": picture("a")}, "TargetImage": {"Bytes": picture("a")}}
    with pytest.raises(rekognition.exceptions.InvalidImageFormatException):
        rekognition.compare_faces(**request | {side: {"Bytes": b"text"}})
