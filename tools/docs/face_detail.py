"""The members of FaceDetail, as docs/operations.md describes them."""

MEMBERS = {
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
