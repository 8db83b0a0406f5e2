"""Users: several faces of one person, searched as one."""

import pytest

from tests.pages import ROOT, Page
from tests.service.conftest import MakeClient, MakeService
from tests.world.fakes import picture

UNKNOWN_FACE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def staff(rekognition):
    rekognition.create_collection(CollectionId="staff")


@pytest.fixture
def users(rekognition):
    """The operations on the collection, with its id filled in."""

    class Users:
        def __getattr__(self, operation):
            return lambda **request: getattr(rekognition, operation)(
                CollectionId="staff", **request
            )

        def index(self, *people, shot=0):
            image = {"Bytes": picture(*people, shot=shot)}
            records = self.index_faces(Image=image)["FaceRecords"]
            return [record["Face"]["FaceId"] for record in records]

        def make(self, user_id, *face_ids):
            self.create_user(UserId=user_id)
            if face_ids:
                self.associate_faces(UserId=user_id, FaceIds=list(face_ids))

        def by_image(self, *people, shot=0, **request):
            image = {"Bytes": picture(*people, shot=shot)}
            return self.search_users_by_image(Image=image, **request)

    return Users()


def matched(reply):
    return [match["User"]["UserId"] for match in reply["UserMatches"]]


def associated(reply):
    return [face["FaceId"] for face in reply["AssociatedFaces"]]


@pytest.mark.slow
def test_a_user_is_created_listed_counted_and_deleted(users):
    assert users.create_user(UserId="ann").keys() == {"ResponseMetadata"}
    users.create_user(UserId="Bob:1")
    listed = users.list_users()["Users"]
    assert listed == [
        {"UserId": "Bob:1", "UserStatus": "CREATED"},
        {"UserId": "ann", "UserStatus": "CREATED"},
    ]
    assert users.describe_collection()["UserCount"] == 2
    users.delete_user(UserId="ann")
    assert [user["UserId"] for user in users.list_users()["Users"]] == ["Bob:1"]
    assert users.describe_collection()["UserCount"] == 1


def test_create_user_twice_is_a_conflict(users, rekognition):
    users.create_user(UserId="ann")
    with pytest.raises(rekognition.exceptions.ConflictException):
        users.create_user(UserId="ann")
    assert users.describe_collection()["UserCount"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("delete_user", {}),
        ("associate_faces", {"FaceIds": [UNKNOWN_FACE]}),
        ("disassociate_faces", {"FaceIds": [UNKNOWN_FACE]}),
        ("search_users", {}),
    ],
)
@pytest.mark.parametrize("deleted", [False, True])
def test_an_unknown_user_is_refused(users, rekognition, operation, request_, deleted):
    if deleted:
        users.make("ann")
        users.delete_user(UserId="ann")
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        getattr(users, operation)(UserId="ann", **request_)


@pytest.mark.slow
def test_list_users_in_pages(users, rekognition):
    names = [f"u{number:02}" for number in range(7)]
    for name in names:
        users.create_user(UserId=name)
    pages = rekognition.get_paginator("list_users").paginate(
        CollectionId="staff", PaginationConfig={"PageSize": 3}
    )
    replies = [[user["UserId"] for user in page["Users"]] for page in pages]
    assert replies == [names[:3], names[3:6], names[6:]]


@pytest.mark.slow
def test_the_first_faces_of_a_user_need_not_be_similar(users):
    ann, bob = users.index("ann", "bob")
    users.create_user(UserId="u")
    reply = users.associate_faces(UserId="u", FaceIds=[ann, bob])
    assert associated(reply) == [ann, bob]
    assert reply["UnsuccessfulFaceAssociations"] == []
    assert reply["UserStatus"] == "ACTIVE"
    assert users.list_users()["Users"] == [{"UserId": "u", "UserStatus": "ACTIVE"}]
    assert {face["UserId"] for face in users.list_faces()["Faces"]} == {"u"}


@pytest.mark.slow
def test_later_faces_must_be_similar_to_the_user(users):
    ann, bob = users.index("ann", "bob")
    (again,) = users.index("ann", shot=1)
    users.make("ann", ann)
    reply = users.associate_faces(UserId="ann", FaceIds=[again, bob])
    assert associated(reply) == [again]
    (refused,) = reply["UnsuccessfulFaceAssociations"]
    assert refused["FaceId"] == bob
    assert refused["Reasons"] == ["LOW_MATCH_CONFIDENCE"]
    assert 0 <= refused["Confidence"] < 75
    assert "UserId" not in refused
    reply = users.associate_faces(UserId="ann", FaceIds=[bob], UserMatchThreshold=0)
    assert associated(reply) == [bob]


@pytest.mark.slow
def test_unknown_faces_and_faces_of_another_user_are_named(users):
    ann, bob = users.index("ann", "bob")
    users.make("ann", ann)
    users.make("bob")
    reply = users.associate_faces(UserId="bob", FaceIds=[ann, UNKNOWN_FACE, bob, bob])
    assert associated(reply) == [bob]
    assert reply["UnsuccessfulFaceAssociations"] == [
        {"FaceId": ann, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
        {"FaceId": UNKNOWN_FACE, "Reasons": ["FACE_NOT_FOUND"]},
    ]
    again = users.associate_faces(UserId="bob", FaceIds=[bob])
    assert again["AssociatedFaces"] == again["UnsuccessfulFaceAssociations"] == []


@pytest.mark.slow
def test_a_user_has_at_most_a_hundred_faces_and_a_call_associates_all_or_none(users, rekognition):
    crowd = users.index(*map(str, range(100)))
    more = users.index("one more")
    users.create_user(UserId="crowd")
    reply = users.associate_faces(UserId="crowd", FaceIds=crowd)
    assert len(reply["AssociatedFaces"]) == 100
    with pytest.raises(rekognition.exceptions.ServiceQuotaExceededException):
        users.associate_faces(UserId="crowd", FaceIds=more, UserMatchThreshold=0)
    assert len(users.list_faces(UserId="crowd")["Faces"]) == 100
    users.disassociate_faces(UserId="crowd", FaceIds=crowd[:1])
    reply = users.associate_faces(UserId="crowd", FaceIds=more, UserMatchThreshold=0)
    assert associated(reply) == more
    users.delete_user(UserId="crowd")
    assert not any("UserId" in face for face in users.list_faces()["Faces"])


@pytest.mark.slow
def test_disassociated_faces_are_free_again(users):
    ann, bob, eve = users.index("ann", "bob", "eve")
    users.create_user(UserId="u")
    users.associate_faces(UserId="u", FaceIds=[ann, bob])
    users.make("eve", eve)
    reply = users.disassociate_faces(UserId="u", FaceIds=[ann, eve, UNKNOWN_FACE])
    assert reply["DisassociatedFaces"] == [{"FaceId": ann}]
    assert reply["UnsuccessfulFaceDisassociations"] == [
        {"FaceId": eve, "UserId": "eve", "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"]},
        {"FaceId": UNKNOWN_FACE, "Reasons": ["FACE_NOT_FOUND"]},
    ]
    assert reply["UserStatus"] == "ACTIVE"
    last = users.disassociate_faces(UserId="u", FaceIds=[bob])
    assert last["UserStatus"] == "CREATED"
    assert users.by_image("ann")["UserMatches"] == []
    users.delete_faces(FaceIds=[ann, bob])
    assert len(users.list_faces()["Faces"]) == 1


@pytest.mark.slow
def test_a_face_of_a_user_is_not_deleted(users):
    ann, bob = users.index("ann", "bob")
    users.make("ann", ann)
    reply = users.delete_faces(FaceIds=[ann, bob])
    assert reply["DeletedFaces"] == [bob]
    assert reply["UnsuccessfulFaceDeletions"] == [
        {"FaceId": ann, "UserId": "ann", "Reasons": ["ASSOCIATED_TO_AN_EXISTING_USER"]}
    ]
    users.delete_user(UserId="ann")
    assert users.delete_faces(FaceIds=[ann])["DeletedFaces"] == [ann]


@pytest.mark.slow
def test_search_users_by_image_finds_the_user_of_the_largest_face(users):
    ann, bob = users.index("ann", "bob")
    users.make("ann", ann)
    users.make("bob", bob)
    reply = users.by_image("bob", "ann", shot=1)
    assert matched(reply) == ["bob"]
    assert reply["UserMatches"][0]["User"]["UserStatus"] == "ACTIVE"
    assert reply["UserMatches"][0]["Similarity"] > 99
    assert reply["SearchedFace"]["FaceDetail"]["BoundingBox"]["Width"] == pytest.approx(0.2)
    (other,) = reply["UnsearchedFaces"]
    assert other["Reasons"] == ["FACE_NOT_LARGEST"]
    assert other["FaceDetails"]["BoundingBox"]["Width"] == pytest.approx(0.18)
    assert reply["FaceModelVersion"] == "7.0"


@pytest.mark.slow
def test_search_users_by_image_without_a_usable_face_is_no_error(users):
    users.make("ann", *users.index("ann"))
    reply = users.by_image()
    assert reply["UserMatches"] == reply["UnsearchedFaces"] == []
    assert "SearchedFace" not in reply
    image = {"Bytes": picture("ann", poor=("ann",))}
    reply = users.search_users_by_image(Image=image, QualityFilter="HIGH")
    assert reply["UserMatches"] == []
    assert "SearchedFace" not in reply
    assert reply["UnsearchedFaces"][0]["Reasons"] == ["LOW_FACE_QUALITY"]


@pytest.mark.slow
def test_a_user_is_searched_by_the_mean_of_its_faces(users):
    shots = [face for shot in range(1, 5) for face in users.index("ann", shot=shot)]
    users.make("one.shot", shots[0])
    users.make("all.shots", *shots[1:])
    assert matched(users.by_image("ann")) == ["all.shots", "one.shot"]


@pytest.mark.slow
def test_search_users_by_face_and_by_user(users):
    ann, bob = users.index("ann", "bob")
    (again,) = users.index("ann", shot=1)
    users.make("ann", ann)
    users.make("ann.again", again)
    users.make("bob", bob)
    users.make("nobody")
    by_face = users.search_users(FaceId=ann)
    assert matched(by_face) == ["ann", "ann.again"]
    assert by_face["SearchedFace"] == {"FaceId": ann}
    assert "SearchedUser" not in by_face
    by_user = users.search_users(UserId="ann")
    assert matched(by_user) == ["ann.again"]
    assert by_user["SearchedUser"] == {"UserId": "ann"}
    assert users.search_users(UserId="nobody")["UserMatches"] == []
    assert matched(users.search_users(FaceId=ann, MaxUsers=1)) == ["ann"]
    everybody = users.search_users(FaceId=bob, UserMatchThreshold=0)
    assert set(matched(everybody)) == {"ann", "ann.again", "bob"}


@pytest.mark.parametrize("request_", [{}, {"UserId": "ann", "FaceId": UNKNOWN_FACE}])
def test_search_users_takes_a_face_or_a_user(users, rekognition, request_):
    with pytest.raises(rekognition.exceptions.InvalidParameterException):
        users.search_users(**request_)


def test_search_users_refuses_an_unknown_face(users, rekognition):
    with pytest.raises(rekognition.exceptions.InvalidParameterException):
        users.search_users(FaceId=UNKNOWN_FACE)


@pytest.mark.slow
def test_another_warm_function_knows_users_at_once(
    users, make_service: MakeService, make_client: MakeClient
):
    other = make_client(make_service())

    def found():
        return matched(
            other.search_users_by_image(
                CollectionId="staff", Image={"Bytes": picture("ann", shot=2)}
            )
        )

    (ann,) = users.index("ann")
    assert found() == []
    users.make("ann", ann)
    assert found() == ["ann"]
    users.disassociate_faces(UserId="ann", FaceIds=[ann])
    assert found() == []
    users.associate_faces(UserId="ann", FaceIds=[ann])
    assert found() == ["ann"]
    users.delete_user(UserId="ann")
    assert found() == []
    users.make("ann", ann)
    assert found() == ["ann"]


@pytest.mark.slow
def test_the_same_token_gives_the_same_reply_and_does_nothing(users):
    (ann,) = users.index("ann")
    token = {"ClientRequestToken": "once"}
    users.create_user(UserId="ann", **token)
    users.create_user(UserId="ann", **token)
    assert users.describe_collection()["UserCount"] == 1
    request = {"UserId": "ann", "FaceIds": [ann], "ClientRequestToken": "bind"}
    first = users.associate_faces(**request)
    users.disassociate_faces(UserId="ann", FaceIds=[ann])
    again = users.associate_faces(**request)
    assert associated(first) == associated(again) == [ann]
    assert users.list_users()["Users"] == [{"UserId": "ann", "UserStatus": "CREATED"}]
    users.delete_user(UserId="ann", ClientRequestToken="gone")
    users.delete_user(UserId="ann", ClientRequestToken="gone")
    assert users.describe_collection()["UserCount"] == 0


def test_the_same_token_with_another_request_is_refused(users, rekognition):
    users.create_user(UserId="ann", ClientRequestToken="once")
    for operation, user_id in (("create_user", "bob"), ("delete_user", "ann")):
        with pytest.raises(
            rekognition.exceptions.IdempotentParameterMismatchException, match="once"
        ):
            getattr(users, operation)(UserId=user_id, ClientRequestToken="once")
    assert [user["UserId"] for user in users.list_users()["Users"]] == ["ann"]


def test_a_token_expires_after_a_day_and_belongs_to_one_collection(users, rekognition, clock):
    users.create_user(UserId="ann", ClientRequestToken="once")
    rekognition.create_collection(CollectionId="guests")
    rekognition.create_user(CollectionId="guests", UserId="eve", ClientRequestToken="once")
    clock.advance(24 * 3600 + 1)
    users.create_user(UserId="bob", ClientRequestToken="once")
    assert [user["UserId"] for user in users.list_users()["Users"]] == ["ann", "bob"]


def test_a_refused_call_leaves_its_token_unused(users, rekognition):
    with pytest.raises(rekognition.exceptions.ResourceNotFoundException):
        users.delete_user(UserId="ann", ClientRequestToken="t")
    users.create_user(UserId="ann", ClientRequestToken="t")
    assert len(users.list_users()["Users"]) == 1


@pytest.mark.slow
def test_the_program_on_the_page_about_folders_makes_a_user_of_each_person(
    users, rekognition, capsys
):
    page = Page(ROOT / "docs/bulk.md", (ROOT / "docs/bulk.md").read_text(encoding="utf-8"))
    (program,) = page.blocks("python")
    for name, person, shot in (("ann", "ann", 0), ("bob:1", "bob", 1), ("bob:2", "bob", 2)):
        image = {"Bytes": picture(person, shot=shot)}
        users.index_faces(Image=image, ExternalImageId=name)
    stranger = {"Bytes": picture("eve")}
    users.index_faces(Image=stranger, ExternalImageId="ann:2")
    exec(program, {"rekognition": rekognition})  # noqa: S102 - it is our own page
    assert [user["UserId"] for user in users.list_users()["Users"]] == ["ann", "bob"]
    assert matched(users.by_image("bob")) == ["bob"]
    printed = capsys.readouterr().out
    assert printed.count("LOW_MATCH_CONFIDENCE") == 1
    assert len(users.list_faces(UserId="bob")["Faces"]) == 2
    assert len(users.list_faces(UserId="ann")["Faces"]) == 1
