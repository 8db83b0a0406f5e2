"""The specimen of DetectFaces."""

from tools.specimens.refusals import no_picture
from tools.specimens.specimen import Command, Example, FaultCase, Play, Specimen

SPECIMEN = Specimen(
    operation="DetectFaces",
    always=frozenset({"FaceDetails"}),
    sound=lambda s: {"Image": s.inline("obama.jpg")},
    examples=(
        Example(
            lambda s: {"Image": s.inline("obama.jpg"), "Attributes": ["ALL"]},
            lambda s, reply: len(reply["FaceDetails"]) == 1,
        ),
    ),
    plays=(Play(lambda s: {"Image": s.inline("obama2.jpg")}),),
    errors=no_picture("Image"),
    command=Command('--image {{"S3Object":{{"Bucket":"{bucket}","Name":"{object}"}}}}'),
    faults=(FaultCase("picture in bucket", lambda s: {"Image": s.in_bucket}),),
)
