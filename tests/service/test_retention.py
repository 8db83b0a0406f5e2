"""Retention: a face older than its collection's days stops to exist at that moment."""

import pytest
from botocore.exceptions import ClientError

from semblance.model.gallery import RETENTION_TAG
from tests.world.account import ACCOUNT, REGION
from tests.world.fakes import picture

ARN = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:collection/staff"
DAY = 86_400


@pytest.fixture
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff", Tags={RETENTION_TAG: "7"})

    class Staff:
        def index(self, *people):
            reply = rekognition.index_faces(
                CollectionId="staff", Image={"Bytes": picture(*people)}, ExternalImageId=people[0]
            )
            return [record["Face"]["FaceId"] for record in reply["FaceRecords"]]

        def search(self, person, **more):
            reply = rekognition.search_faces_by_image(
                CollectionId="staff", Image={"Bytes": picture(person, shot=1)}, **more
            )
            return [match["Face"]["FaceId"] for match in reply["FaceMatches"]]

        def listed(self):
            return [
                face["FaceId"] for face in rekognition.list_faces(CollectionId="staff")["Faces"]
            ]

    return Staff()


def test_a_face_is_found_until_its_retention_ends(staff, clock):
    (ann,) = staff.index("ann")
    clock.advance(7 * DAY)
    assert staff.search("ann") == [ann]
    assert staff.listed() == [ann]
    clock.advance(0.01)
    assert staff.search("ann") == []
    assert staff.listed() == []


@pytest.mark.slow
def test_an_old_face_cannot_be_searched_listed_or_associated(rekognition, staff, clock):
    (ann,) = staff.index("ann")
    rekognition.create_user(CollectionId="staff", UserId="u")
    clock.advance(7 * DAY + 1)
    with pytest.raises(rekognition.exceptions.InvalidParameterException):
        rekognition.search_faces(CollectionId="staff", FaceId=ann)
    assert rekognition.list_faces(CollectionId="staff", FaceIds=[ann])["Faces"] == []
    reply = rekognition.associate_faces(CollectionId="staff", UserId="u", FaceIds=[ann])
    assert reply["UnsuccessfulFaceAssociations"] == [{"FaceId": ann, "Reasons": ["FACE_NOT_FOUND"]}]


@pytest.mark.slow
def test_old_faces_do_not_take_the_places_of_younger_ones(staff, clock, rekognition):
    old = []
    for number in range(5):
        reply = rekognition.index_faces(
            CollectionId="staff",
            Image={"Bytes": picture("ann", shot=number + 2)},
            ExternalImageId=f"old{number}",
        )
        old.append(reply["FaceRecords"][0]["Face"]["FaceId"])
    clock.advance(4 * DAY)
    young = staff.index("ann")
    assert set(staff.search("ann", MaxFaces=6)) == {*old, *young}
    clock.advance(4 * DAY)
    assert staff.search("ann", MaxFaces=1) == young
    assert staff.search("ann") == young


@pytest.mark.slow
def test_the_same_photo_indexed_again_after_its_retention_is_a_new_face(rekognition, staff, clock):
    (before,) = staff.index("ann")
    clock.advance(7 * DAY + 1)
    (after,) = staff.index("ann")
    assert before != after
    assert staff.search("ann") == staff.listed() == [after]
    assert rekognition.describe_collection(CollectionId="staff")["FaceCount"] == 1


@pytest.mark.slow
def test_a_user_is_matched_by_the_faces_that_are_young_enough(rekognition, staff, clock):
    def users(person):
        reply = rekognition.search_users_by_image(
            CollectionId="staff", Image={"Bytes": picture(person)}
        )
        return [(match["User"]["UserId"], match["Similarity"]) for match in reply["UserMatches"]]

    (ann,) = staff.index("ann")
    clock.advance(4 * DAY)
    (bob,) = staff.index("bob")
    rekognition.create_user(CollectionId="staff", UserId="u")
    rekognition.associate_faces(
        CollectionId="staff", UserId="u", FaceIds=[ann, bob], UserMatchThreshold=0
    )
    assert [name for name, _ in users("ann")] == ["u"]
    clock.advance(4 * DAY)
    assert users("ann") == []
    ((name, similarity),) = users("bob")
    assert (name, round(similarity)) == ("u", 100)
    clock.advance(4 * DAY)
    assert users("bob") == []
    reply = rekognition.search_users(CollectionId="staff", UserId="u")
    assert reply["UserMatches"] == []


@pytest.mark.slow
def test_an_old_face_of_a_user_is_replaced_by_the_same_photo(rekognition, staff, clock):
    (ann,) = staff.index("ann")
    rekognition.create_user(CollectionId="staff", UserId="u")
    rekognition.associate_faces(CollectionId="staff", UserId="u", FaceIds=[ann])
    clock.advance(7 * DAY + 1)
    (after,) = staff.index("ann")
    assert after != ann
    assert rekognition.list_users(CollectionId="staff")["Users"] == [
        {"UserId": "u", "UserStatus": "CREATED"}
    ]


@pytest.mark.slow
def test_the_tag_can_be_set_changed_and_removed_later(rekognition, staff, clock):
    (ann,) = staff.index("ann")
    clock.advance(5 * DAY)
    rekognition.tag_resource(ResourceArn=ARN, Tags={RETENTION_TAG: "4"})
    assert staff.search("ann") == []
    rekognition.tag_resource(ResourceArn=ARN, Tags={RETENTION_TAG: "6"})
    assert staff.search("ann") == [ann]
    rekognition.untag_resource(ResourceArn=ARN, TagKeys=[RETENTION_TAG])
    clock.advance(5 * DAY)
    assert staff.search("ann") == [ann]


@pytest.mark.slow
@pytest.mark.parametrize("days", ["", "0", "-1", "1.5", "7 days", "\u0667", "36501", "9" * 30])
def test_an_invalid_number_of_days_is_refused(rekognition, days):
    with pytest.raises(rekognition.exceptions.InvalidParameterException, match=RETENTION_TAG):
        rekognition.create_collection(CollectionId="staff", Tags={RETENTION_TAG: days})
    with pytest.raises(ClientError, match="does not exist"):
        rekognition.describe_collection(CollectionId="staff")
    rekognition.create_collection(CollectionId="staff")
    with pytest.raises(rekognition.exceptions.InvalidParameterException, match=RETENTION_TAG):
        rekognition.tag_resource(ResourceArn=ARN, Tags={RETENTION_TAG: days})
    assert rekognition.list_tags_for_resource(ResourceArn=ARN)["Tags"] == {}
