"""Service: everything that operations and dropped photos work with, handed to them as one value.

The modules beside it hold the work that both share: searching, indexing, retention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Collection as CollectionOf
from dataclasses import dataclass, replace
from typing import Protocol, Self

from semblance import errors
from semblance.access.caller import ANYONE, Caller
from semblance.contract.settings import Settings
from semblance.embedding.codec import Codec, Embeddings
from semblance.embedding.similarity import SimilarityScale
from semblance.gallery import Gallery
from semblance.model.detected import DetectedFace
from semblance.model.gallery import Collection
from semblance.stores.collections import CollectionTable
from semblance.stores.faces import FaceTable
from semblance.stores.images import ImageBuckets
from semblance.stores.tokens import TokenTable
from semblance.stores.users import UserTable


class Engine(Protocol):
    """Turns a picture into faces: `semblance.vision.engine.Engine`, or a fake of it."""

    @property
    def codec(self) -> Codec:
        """The codec of the embeddings that it makes; names their model."""

    def find_faces(
        self, image: bytes, *, largest_only: bool = False, attributes: CollectionOf[str] = ()
    ) -> list[DetectedFace]:
        """Largest first. With `largest_only` the others may be missing.

        `attributes`: which of SMILE, MOUTH_OPEN and EYES_OPEN to judge; other names are ignored.
        With any of them a face has all thirty landmarks, else the five that it is aligned by.
        """

    def embed(self, faces: Sequence[DetectedFace]) -> Embeddings:
        """Of faces that it found: float32 (faces, codec.size), each of unit length."""

    def quality_reasons(self, face: DetectedFace, quality_filter: str) -> tuple[str, ...]:
        """Why the face does not pass the filter, as Rekognition names it; empty when it passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    settings: Settings
    engine: Engine
    similarity: SimilarityScale
    gallery: Gallery
    collections: CollectionTable
    faces: FaceTable
    users: UserTable
    tokens: TokenTable
    images: ImageBuckets
    clock: Callable[[], float]
    """Epoch seconds."""
    new_uid: Callable[[], str]
    caller: Caller = ANYONE

    def on_behalf_of(self, caller: Caller) -> Self:
        return replace(self, caller=caller)

    def collection_arn(self, collection_id: str) -> str:
        where = f"{self.settings.partition}:rekognition:{self.settings.region}"
        return f"arn:{where}:{self.settings.account_id}:collection/{collection_id}"

    def collection_of(self, arn: str) -> str | None:
        """The id in a collection's ARN, with the prefix `arn:` or, like CreateCollection's reply,
        without; None for the ARN of anything else."""
        prefix, _, collection_id = f"arn:{arn.removeprefix('arn:')}".rpartition("/")
        is_collection = self.collection_arn(collection_id) == f"{prefix}/{collection_id}"
        return collection_id if collection_id and is_collection else None

    def searchable(self, collection_id: str) -> Collection:
        """The collection, if its embeddings can be compared with the engine's.

        Raises ResourceNotFoundException, and InvalidParameterException for another model's.
        """
        collection = self.collections.get(collection_id)
        model_id = self.engine.codec.model_id
        if collection.model_id != model_id:
            raise errors.InvalidParameterException(
                f"The collection id: {collection_id} holds embeddings of the model "
                f"{collection.model_id}, and this deployment runs {model_id}: "
                "deploy the model pack that it was made with, or index its photos anew."
            )
        return collection
