"""CreateUser, DeleteUser, ListUsers, AssociateFaces, DisassociateFaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from semblance import errors
from semblance.embedding.codec import unpack
from semblance.model.gallery import Face, User
from semblance.operations import paging
from semblance.operations.tokens import Record, idempotent
from semblance.service import Service, retention, searching
from semblance.stores import associations
from semblance.stores.users import MOST_FACES_A_WRITE

if TYPE_CHECKING:
    from types_boto3_rekognition import type_defs as requests

MOST_FACES_A_USER = 100
MOST_USERS_A_PAGE = 500
DEFAULT_ASSOCIATION_THRESHOLD = 75


def create_user(service: Service, request: requests.CreateUserRequestTypeDef) -> dict[str, Any]:
    """Creates a user, who joins several faces of one person.

    A user of several faces is found far more often than a single face:
    [accuracy.md](accuracy.md#several-photos-of-each-person) has the figures. SearchUsers and
    SearchUsersByImage find users alone, so also make one of a person with a single photo.

    If you send the same ClientRequestToken with the same request, you get the same answer, for 24
    hours; this holds for the four operations that change users.
    """
    collection = service.collections.get(request["CollectionId"])
    user_id = request["UserId"]

    def work(record: Record) -> dict[str, Any]:
        before = service.users.slot(collection.uid, user_id)
        if before is not None and not before.deleted:
            raise errors.ConflictException(f"The user id: {user_id} already exists")
        user = User(user_id, associations.next_version(before, service.clock()))
        service.users.write(collection, before, user, also=record.done({}))
        service.collections.count(collection, users=1)
        return {}

    return idempotent(service, collection, "CreateUser", request, work)


def delete_user(service: Service, request: requests.DeleteUserRequestTypeDef) -> dict[str, Any]:
    """Frees the user's faces, then deletes the user.

    The faces stay in the collection.
    """
    collection = service.collections.get(request["CollectionId"])

    def work(record: Record) -> dict[str, Any]:
        user = service.users.get(collection.uid, request["UserId"])
        members = service.faces.get_many(collection.uid, user.face_ids)
        while len(user.face_ids) > MOST_FACES_A_WRITE:
            part, now = user.face_ids[:MOST_FACES_A_WRITE], service.clock()
            user = associations.disassociate(
                service.users, collection, user, members, part, now=now
            )
        gone = User(user.id, associations.next_version(user, service.clock()), deleted=True)
        service.users.write(
            collection, user, gone, disassociate=user.face_ids, also=record.done({})
        )
        service.collections.count(collection, users=-1)
        return {}

    return idempotent(service, collection, "DeleteUser", request, work)


def list_users(service: Service, request: requests.ListUsersRequestTypeDef) -> dict[str, Any]:
    """Lists users in order of their ids.

    MaxResults is 500 if you leave it out.
    """
    collection = service.collections.get(request["CollectionId"])
    listing = paging.Listing("ListUsers", collection.uid)
    page, more = service.users.page(
        collection.uid,
        after=listing.start(request.get("NextToken")),
        limit=request.get("MaxResults", MOST_USERS_A_PAGE),
    )
    return {
        "Users": [{"UserId": user.id, "UserStatus": user.status} for user in page],
        "NextToken": listing.token(page[-1].id) if more else None,
    }


def associate_faces(
    service: Service, request: requests.AssociateFacesRequestTypeDef
) -> dict[str, Any]:
    """Gives faces to a user.

    Give a user five faces if you can, of photos that differ in pose, light and year; two already
    bring most of the gain. A face of somebody else spoils the user, who is compared by the mean of
    all, so send faces one at a time if you are not sure of them.

    UserMatchThreshold is 75 if you leave it out, inclusive, and applies once the user has a face.
    Faces that the user has already are skipped. More than 100 faces a user:
    ServiceQuotaExceededException, and nothing is associated. UserStatus is ACTIVE at once.
    """
    collection = service.searchable(request["CollectionId"])

    def work(record: Record) -> dict[str, Any]:
        user = service.users.get(collection.uid, request["UserId"])
        wanted = list(dict.fromkeys(request["FaceIds"]))
        stored = service.faces.get_many(collection.uid, {*wanted, *user.face_ids})
        own = {face_id: stored[face_id] for face_id in user.face_ids}
        faces = retention.kept(service, collection, stored) | own
        settled = record.begun
        threshold = request.get("UserMatchThreshold", DEFAULT_ASSOCIATION_THRESHOLD)
        refusals = _refusals(service, user, wanted, faces, threshold, settled)
        able = [face_id for face_id in wanted if face_id not in refusals]
        new = [face_id for face_id in able if faces[face_id].user_id is None]
        if len(user.face_ids) + len(new) > MOST_FACES_A_USER:
            raise errors.ServiceQuotaExceededException(
                f"A user has {MOST_FACES_A_USER} faces at the most"
            )
        associated = [i for i in able if i in settled or i in new]
        reply = {
            "AssociatedFaces": [{"FaceId": face_id} for face_id in associated],
            "UnsuccessfulFaceAssociations": list(refusals.values()),
            "UserStatus": "ACTIVE" if user.face_ids or new else "CREATED",
        }
        write = partial(
            associations.associate, service.users, collection, faces=faces, now=service.clock()
        )
        _in_transactions(write, user, new, begin=record.begin(associated), done=record.done(reply))
        return reply

    return idempotent(service, collection, "AssociateFaces", request, work)


def disassociate_faces(
    service: Service, request: requests.DisassociateFacesRequestTypeDef
) -> dict[str, Any]:
    """Takes faces from a user.

    A user without faces has UserStatus CREATED again.
    """
    collection = service.collections.get(request["CollectionId"])

    def work(record: Record) -> dict[str, Any]:
        user = service.users.get(collection.uid, request["UserId"])
        wanted = list(dict.fromkeys(request["FaceIds"]))
        faces = service.faces.get_many(collection.uid, {*wanted, *user.face_ids})
        held = [face_id for face_id in wanted if face_id in user.face_ids]
        left = [face_id for face_id in user.face_ids if face_id not in held]
        disassociated = [i for i in wanted if i in held or i in record.begun]
        reply = {
            "DisassociatedFaces": [{"FaceId": face_id} for face_id in disassociated],
            "UnsuccessfulFaceDisassociations": [
                _not_the_users(face_id, faces.get(face_id))
                for face_id in wanted
                if face_id not in disassociated
            ],
            "UserStatus": "ACTIVE" if left else "CREATED",
        }
        write = partial(
            associations.disassociate,
            service.users,
            collection,
            faces=faces,
            now=service.clock(),
        )
        begin, done = record.begin(disassociated), record.done(reply)
        _in_transactions(write, user, held, begin=begin, done=done)
        return reply

    return idempotent(service, collection, "DisassociateFaces", request, work)


def _refusals(
    service: Service,
    user: User,
    wanted: list[str],
    faces: dict[str, Face],
    threshold: float,
    settled: frozenset[str],
) -> dict[str, dict[str, Any]]:
    """The faces that cannot become the user's, by id, as entries of the reply. `settled`: faces
    that an earlier try of this request has accepted; their similarity is not compared again."""
    refusals = {
        face_id: _not_the_users(face_id, faces.get(face_id))
        for face_id in wanted
        if face_id not in faces or faces[face_id].user_id not in (None, user.id)
    }
    if not user.face_ids:
        return refusals  # without a face there is no mean for others to resemble
    free = [i for i in wanted if i in faces.keys() - settled and faces[i].user_id is None]
    probe = unpack([user.embedding])[0]
    scores = searching.similarities(service, probe, [faces[face_id].embedding for face_id in free])
    for face_id, score in zip(free, scores, strict=True):
        if not searching.reaches(score, threshold):
            reasons = ["LOW_MATCH_CONFIDENCE"]
            refusals[face_id] = {"FaceId": face_id, "Confidence": score, "Reasons": reasons}
    return refusals


def _not_the_users(face_id: str, face: Face | None) -> dict[str, Any]:
    if face is None or face.user_id is None:
        return {"FaceId": face_id, "Reasons": ["FACE_NOT_FOUND"]}
    reasons = ["ASSOCIATED_TO_A_DIFFERENT_USER"]
    return {"FaceId": face_id, "UserId": face.user_id, "Reasons": reasons}


def _in_transactions(
    write: Callable[..., User],
    user: User,
    face_ids: Sequence[str],
    *,
    begin: Sequence[dict[str, Any]],
    done: Sequence[dict[str, Any]],
) -> None:
    """One transaction, or two when one has no room for all: a user has MOST_FACES_A_USER faces.
    The token's action `begin` goes with the first of two, `done` with the last."""
    first, last = face_ids[:-MOST_FACES_A_WRITE], face_ids[-MOST_FACES_A_WRITE:]
    if first:
        user = write(user, face_ids=first, also=begin)
    write(user, face_ids=last, also=done)
