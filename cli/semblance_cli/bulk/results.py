"""The results that the worker writes, as far as the command reads them (docs/events.md)."""

from typing import Literal, NotRequired, TypedDict

Outcome = Literal["FacesIndexed", "FacesSearched", "ImageRejected"]


class Image(TypedDict):
    Version: NotRequired[str]
    """Not given for a bucket without versions."""


class Error(TypedDict):
    Code: str
    Message: str


class Face(TypedDict):
    FaceId: str
    ImageId: str
    ExternalImageId: NotRequired[str]


class FaceRecord(TypedDict):
    Face: Face


class UnindexedFace(TypedDict):
    Reasons: list[str]


class FaceMatch(TypedDict):
    Similarity: float
    Face: Face


class BoundingBox(TypedDict):
    Left: float
    Top: float
    Width: float
    Height: float


class SearchedFace(TypedDict):
    BoundingBox: BoundingBox
    Reasons: list[str]
    FaceMatches: list[FaceMatch]


class Result(TypedDict):
    Outcome: Outcome
    Image: Image
    Error: NotRequired[Error]
    FaceRecords: NotRequired[list[FaceRecord]]
    UnindexedFaces: NotRequired[list[UnindexedFace]]
    Faces: NotRequired[list[SearchedFace]]
