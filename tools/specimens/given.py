"""Preparations that several specimens share: each makes a new collection for one request."""

from tools.specimens.specimen import Request, Stage


def a_face(stage: Stage) -> Request:
    """CollectionId and FaceIds: one face, which belongs to nobody."""
    here = stage.elsewhere()
    reply = stage.call("IndexFaces", **here, Image=stage.inline("obama.jpg"))
    return here | {"FaceIds": [reply["FaceRecords"][0]["Face"]["FaceId"]]}


def a_deleted_face(stage: Stage) -> Request:
    """CollectionId and FaceIds: one face, which a call has just deleted."""
    face = a_face(stage)
    stage.call("DeleteFaces", **face)
    return face


def a_user_and_a_face(stage: Stage) -> Request:
    """CollectionId, UserId and FaceIds: the face does not belong to the user."""
    face = a_face(stage)
    user = {"CollectionId": face["CollectionId"], "UserId": "somebody"}
    stage.call("CreateUser", **user)
    return face | user


def a_user_with_a_face(stage: Stage) -> Request:
    """CollectionId, UserId and FaceIds: the face belongs to the user."""
    pair = a_user_and_a_face(stage)
    stage.call("AssociateFaces", **pair)
    return pair


def without_faces(request: Request) -> Request:
    """The request without its FaceIds."""
    return {name: value for name, value in request.items() if name != "FaceIds"}
