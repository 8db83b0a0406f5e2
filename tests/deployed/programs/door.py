"""A door that recognises its residents: users with several photos each, and a camera."""

import logging
import time

from botocore.exceptions import ClientError

logger = logging.getLogger(__name__)


class Door:
    def __init__(self, rekognition_client, collection_id):
        self.rekognition_client = rekognition_client
        self.collection_id = collection_id

    def enrol(self, user_id, images):
        """Makes a user of all the faces in these pictures and waits until searches can find it."""
        try:
            self.rekognition_client.create_user(CollectionId=self.collection_id, UserId=user_id)
        except self.rekognition_client.exceptions.ConflictException:
            logger.info("%s lives here already", user_id)
        face_ids = []
        for image in images:
            response = self.rekognition_client.index_faces(
                CollectionId=self.collection_id, Image={"Bytes": image}, MaxFaces=1
            )
            face_ids.extend(record["Face"]["FaceId"] for record in response["FaceRecords"])
        response = self.rekognition_client.associate_faces(
            CollectionId=self.collection_id,
            UserId=user_id,
            FaceIds=face_ids,
            UserMatchThreshold=80,
        )
        for failure in response["UnsuccessfulFaceAssociations"]:
            logger.warning("%s: %s", failure["FaceId"], failure["Reasons"])
        self.wait_until_active(user_id)
        return [face["FaceId"] for face in response["AssociatedFaces"]]

    def wait_until_active(self, user_id, delay=0.2, max_attempts=25):
        for _ in range(max_attempts):
            if self.status_of(user_id) == "ACTIVE":
                return
            time.sleep(delay)
        raise TimeoutError(user_id)

    def status_of(self, user_id):
        paginator = self.rekognition_client.get_paginator("list_users")
        for page in paginator.paginate(CollectionId=self.collection_id, MaxResults=1):
            for user in page["Users"]:
                if user["UserId"] == user_id:
                    return user["UserStatus"]
        return None

    def who_is_there(self, image):
        try:
            response = self.rekognition_client.search_users_by_image(
                CollectionId=self.collection_id,
                Image={"Bytes": image},
                UserMatchThreshold=90,
                MaxUsers=1,
            )
        except ClientError:
            logger.exception("Couldn't look")
            raise
        if "SearchedFace" not in response:
            return "nobody"
        matches = response["UserMatches"]
        return matches[0]["User"]["UserId"] if matches else "a stranger"

    def forget(self, user_id):
        """Deletes the user, then the faces: only faces without a user can be deleted."""
        pages = self.rekognition_client.get_paginator("list_faces").paginate(
            CollectionId=self.collection_id, UserId=user_id
        )
        face_ids = [face["FaceId"] for page in pages for face in page["Faces"]]
        self.rekognition_client.delete_user(CollectionId=self.collection_id, UserId=user_id)
        return self.rekognition_client.delete_faces(
            CollectionId=self.collection_id, FaceIds=face_ids
        )["DeletedFaces"]
