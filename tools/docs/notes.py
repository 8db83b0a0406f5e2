"""What docs/operations.md says beyond the service model: behaviour, defaults, and FaceDetail."""

OPERATIONS = {
    "CreateCollection": "Tags are kept; `semblance:retention-days` says how many days faces are "
    "matched and kept. The ARN in the reply has no prefix `arn:`, as at AWS; "
    "DescribeCollection's has.",
    "DescribeCollection": "Counts are exact unless a function died between storing faces and "
    "counting them: the compactor corrects them when nobody has written for 16 minutes.",
    "ListCollections": "In order of the id. MaxResults: 1000 unless given, and for 0.",
    "DeleteCollection": "The name is free at once. A call that indexes at that moment may still "
    "succeed; its faces go with the collection.",
    "IndexFaces": "QualityFilter: AUTO unless given, which means MEDIUM. MaxFaces: 100, also when "
    "more is asked for; faces of low quality are dropped first, then the smallest. The same bytes "
    "with the same ExternalImageId give the same FaceIds and store nothing. A face that was "
    "deleted comes back under a new FaceId.",
    "ListFaces": "In ascending order of FaceId. MaxResults: 1000 unless given, and for 0.",
    "DeleteFaces": "A face that a user holds stays, and is named. What is not found is named "
    "too, and no error.",
    "SearchFaces": "FaceMatchThreshold: 80, inclusive. MaxFaces: 80. The searched face is left "
    "out.",
    "SearchFacesByImage": "Searches the largest face that passes QualityFilter (NONE unless "
    "given). FaceMatchThreshold: 80, inclusive. MaxFaces: 80. Without such a face: "
    "InvalidParameterException.",
    "DetectFaces": "At most 100 faces, the largest first.",
    "CompareFaces": "The largest source face against up to 100 target faces. "
    "SimilarityThreshold: 80, inclusive. QualityFilter: NONE unless given; what it drops is in "
    "neither list. Without a face on either side: InvalidParameterException.",
    "CreateUser": "The same ClientRequestToken with the same request is answered as before, for "
    "24 hours; that goes for the four operations that change users.",
    "DeleteUser": "Frees the user's faces first.",
    "ListUsers": "In order of the id. MaxResults: 500 unless given.",
    "AssociateFaces": "UserMatchThreshold: 75, inclusive, and only once the user has a face. "
    "Faces that the user has already are passed over. More than 100 faces: "
    "ServiceQuotaExceededException, and nothing is associated. UserStatus is ACTIVE at once.",
    "DisassociateFaces": "A user without faces is CREATED again.",
    "SearchUsers": "By FaceId or UserId, one of them. UserMatchThreshold: 80, inclusive. "
    "MaxUsers: 80. A user is compared by the normalised mean of its faces' embeddings; the "
    "searched user is left out.",
    "SearchUsersByImage": "As SearchUsers, with the largest face that passes QualityFilter (NONE "
    "unless given). Without such a face the reply is empty, and no error.",
    "TagResource": "Takes both forms of a collection's ARN. At most 200 tags. With "
    "`semblance:retention-days` (1 to 36500) a face stops to be matched, listed and named so many "
    "days after it was indexed, at that moment, and is erased within 48 hours. The tag can be set, "
    "changed and removed at any time; what has not been erased by then comes back.",
    "UntagResource": "Keys that are not there are passed over.",
    "ListTagsForResource": "",
}

FACE_DETAIL = {
    "BoundingBox": "Always. Fractions of the upright picture; not clipped at its edges.",
    "Confidence": "Always. That this is a face, not whose.",
    "Landmarks": "Five, always; all 30 with ALL. Median error 4 % of the distance of the eyes, "
    "one in ten above 8 %; wrong beyond about 45 degrees of yaw.",
    "Pose": "Always, from five landmarks. Against Rekognition's own angles: yaw 4.5 degrees off, "
    "pitch 5.3, roll about 2. An open mouth moves the pitch by 10 to 15 degrees.",
    "Quality": "Always. Sharpness is how much of the similarity blur leaves; noise and motion "
    "blur fool it.",
    "Smile": "With SMILE or ALL. Right in 88 to 94 % of cases. Left out for faces below 30 pixels "
    "and beyond 45 degrees of yaw.",
    "MouthOpen": "With MOUTH_OPEN or ALL. Right in 97 % of cases. Left out as Smile is.",
    "EyesOpen": "With EYES_OPEN or ALL, and only `true`: about three faces of four are answered. "
    "That eyes are closed is never stated; it was wrong more often than right.",
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
