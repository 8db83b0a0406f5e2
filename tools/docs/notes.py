"""Texts of docs/operations.md that neither the service model nor a docstring holds."""

OPERATIONS = {
    "CreateCollection": "Creates a collection. You can search it at once. Its tags are kept; with "
    "the tag `semblance:retention-days` you set for how many days faces are matched and kept. The "
    "ARN in the reply lacks the prefix `arn:`, as it does at AWS; the ARN that DescribeCollection "
    "returns has it.",
    "DescribeCollection": "Returns the collection's ARN and counts. The counts are exact unless a "
    "function died between storing faces and counting them: the compactor corrects them once "
    "nobody has written for 16 minutes.",
    "ListCollections": "Lists the collections that you may see, in order of their ids. "
    "MaxResults is 1000 if you leave it out or send 0.",
    "DeleteCollection": "Deletes a collection with everything in it. You can reuse the name at "
    "once. A call that indexes faces at that moment may still succeed; its faces go with the "
    "collection.",
    "IndexFaces": "Finds the faces in a picture and stores them. QualityFilter is AUTO if you "
    "leave it out, which means MEDIUM. MaxFaces is 100, also if you ask for more; faces of low "
    "quality are dropped first, then the smallest. The same bytes with the same ExternalImageId "
    "give you the same FaceIds and store nothing new. A face that you have deleted comes back "
    "under a new FaceId.",
    "ListFaces": "Lists the faces of a collection in ascending order of FaceId. MaxResults is "
    "1000 if you leave it out or send 0.",
    "DeleteFaces": "Deletes faces. A face that belongs to a user stays; the reply names it, and "
    "it also names each id that it cannot find. Neither is an error.",
    "SearchFaces": "Searches the collection with one of its faces, which is left out of the "
    "matches. FaceMatchThreshold is 80 if you leave it out, and inclusive. MaxFaces is 80.",
    "SearchFacesByImage": "Searches the collection with the largest face of a picture that passes "
    "QualityFilter (NONE if you leave it out). FaceMatchThreshold is 80 if you leave it out, and "
    "inclusive. MaxFaces is 80. If there is no such face, you get InvalidParameterException.",
    "DetectFaces": "Describes the faces in a picture: at most 100, the largest first.",
    "CompareFaces": "Compares the largest face of the source with up to 100 faces of the target. "
    "SimilarityThreshold is 80 if you leave it out, and inclusive. QualityFilter is NONE if you "
    "leave it out; a face that it drops is in neither list. If there is no face on either side, "
    "you get InvalidParameterException.",
    "CreateUser": "Creates a user, who joins several faces of one person. If you send the same "
    "ClientRequestToken with the same request, you get the same answer, for 24 hours; this holds "
    "for the four operations that change users.",
    "DeleteUser": "Frees the user's faces, then deletes the user. The faces stay in the "
    "collection.",
    "ListUsers": "Lists users in order of their ids. MaxResults is 500 if you leave it out.",
    "AssociateFaces": "Gives faces to a user. UserMatchThreshold is 75 if you leave it out, "
    "inclusive, and applies once the user has a face. Faces that the user has already are "
    "skipped. More than 100 faces a user: ServiceQuotaExceededException, and nothing is "
    "associated. UserStatus is ACTIVE at once.",
    "DisassociateFaces": "Takes faces from a user. A user without faces has UserStatus CREATED "
    "again.",
    "SearchUsers": "Searches the users of a collection by FaceId or UserId: send one of them. "
    "UserMatchThreshold is 80 if you leave it out, and inclusive. MaxUsers is 80. A user is "
    "compared by the normalised mean of the embeddings of its faces; the searched user is left "
    "out.",
    "SearchUsersByImage": "Works like SearchUsers, with the largest face of a picture that passes "
    "QualityFilter (NONE if you leave it out). If there is no such face, the reply is empty; that "
    "is no error.",
    "TagResource": "Sets tags of a collection, at most 200. You can give either form of its ARN. "
    "With `semblance:retention-days` (1 to 36500) a face is no longer matched, listed or named "
    "once that many days have passed since it was indexed, and it is erased within 48 hours after. "
    "You can set, change and remove the tag at any time; faces that have not been erased by then "
    "come back.",
    "UntagResource": "Removes tags of a collection. Keys that it does not have are skipped.",
    "ListTagsForResource": "Returns the tags of a collection. You can give either form of its ARN.",
}

FACE_DETAIL = {
    "BoundingBox": "Always. Fractions of the upright picture, not clipped at its edges.",
    "Confidence": "Always. How sure the detector is that this is a face; it says nothing about "
    "whose.",
    "Landmarks": "Five, always; all 30 with ALL. Median error 4 % of the distance of the eyes, "
    "one in ten above 8 %; wrong beyond about 45 degrees of yaw.",
    "Pose": "Always, from five landmarks. Against Rekognition's own angles: yaw 4.5 degrees off, "
    "pitch 5.3, roll about 2. An open mouth moves the pitch by 10 to 15 degrees.",
    "Quality": "Always. Sharpness is the share of the similarity that the blur leaves; noise and "
    "motion blur mislead it.",
    "Smile": "With SMILE or ALL. Right in 88 to 94 % of cases. Left out for faces below 30 pixels "
    "and beyond 45 degrees of yaw.",
    "MouthOpen": "With MOUTH_OPEN or ALL. Right in 97 % of cases. Left out as Smile is.",
    "EyesOpen": "With EYES_OPEN or ALL, and only `true`: about three faces of four get an answer. "
    "Closed eyes are never reported, since that was wrong more often than right.",
    "AgeRange": "Not answered: off by 11 to 12 years on average, worse than a constant.",
    "Gender": "Not answered: right in 70 % of cases for some people, in 60 to 75 % on tight gray "
    "portraits.",
    "Emotions": "Not answered: a quarter of neutral faces read sad.",
    "Eyeglasses": "Not answered: no model.",
    "Sunglasses": "Not answered: no model.",
    "Beard": "Not answered: no model.",
    "Mustache": "Not answered: no model.",
    "FaceOccluded": "Not answered: no model.",
    "EyeDirection": "Not answered: no model.",
}
