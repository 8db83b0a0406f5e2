"""The engine: a picture's bytes in, its faces out. Heavy imports wait until they are needed."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from semblance.model.detected import DetectedFace
from semblance.vision.face import quality_filter as filters
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.specs import Knots, ModelPack

if TYPE_CHECKING:
    from semblance.embedding.codec import Codec, Embeddings
    from semblance.vision.face.embed import Embedder
    from semblance.vision.face.eyes import EyeReader
    from semblance.vision.face.found import FoundFace
    from semblance.vision.finding.turned import TurningFinder
    from semblance.vision.picture.picture import PictureSource


class Engine:
    """Safe to share between threads. Each model is loaded once, by the first picture that needs
    it."""

    def __init__(self, pack: ModelPack, *, threads: int = 1) -> None:
        self._pack = pack
        self._spread = Spread(threads)
        self._finder: TurningFinder | None = None
        self._embedder: Embedder | None = None
        self._eyes: EyeReader | None = None
        self._loading = threading.Lock()

    @property
    def codec(self) -> Codec:
        """How the pack's embedder codes embeddings. Packs with the same embedder share it."""
        return self._pack.embedder.codec

    @property
    def calibration(self) -> Knots:
        """(cosine, similarity in percent), linear between the knots."""
        return self._pack.embedder.calibration

    def find_faces(
        self, image: bytes, *, largest_only: bool = False, attributes: Collection[str] = ()
    ) -> list[DetectedFace]:
        """Faces, largest first; an empty list when there is none. `attributes` are Rekognition's
        names (`SMILE`, `MOUTH_OPEN`, `EYES_OPEN`). Raises InvalidImageFormatException,
        InvalidParameterException (a side is too short) and ImageTooLargeException."""
        from semblance.vision.face.attributes import judge
        from semblance.vision.face.describe import describe
        from semblance.vision.picture.decode import open_photo

        photo = open_photo(image)
        finder = self._load()
        found = _largest(finder, photo) if largest_only else finder.find(photo)
        judged = partial(judge, photo=photo, asked=attributes, eyes=self._load_eyes)
        return describe(found, photo.size, self._pack.detector, judged if attributes else None)

    def embed(self, faces: Sequence[DetectedFace]) -> Embeddings:
        """The embeddings of faces that this engine found, float32 (faces, codec.size), each of unit
        length. Apart from finding, since it costs as much again and not every face needs it."""
        import numpy as np

        judged = [face.judged for face in faces]
        embeddings = list(self._spread.map(self._load_embedder().embed, judged))
        return np.array(embeddings, np.float32).reshape(len(faces), self.codec.size)

    def quality_reasons(self, face: DetectedFace, quality_filter: str) -> tuple[str, ...]:
        """Rekognition's reasons (`LOW_SHARPNESS` ...) for which the filter drops the face; empty
        when it keeps the face."""
        return filters.reasons(face, quality_filter, self._pack.quality)

    def _load(self) -> TurningFinder:
        from semblance.vision.finding.finders import make_finder

        with self._loading:
            if self._finder is None:
                self._finder = make_finder(self._pack, self._spread)
            return self._finder

    def _load_embedder(self) -> Embedder:
        from semblance.vision.face.embed import Embedder

        with self._loading:
            if self._embedder is None:
                self._embedder = Embedder(self._pack.embedder, self._pack.judge)
            return self._embedder

    def _load_eyes(self) -> EyeReader:
        from semblance.vision.face.eyes import EyeReader
        from semblance.vision.network import Network

        with self._loading:
            if self._eyes is None:
                self._eyes = EyeReader(Network(self._pack.eyes, threads=1))
            return self._eyes


def _largest(finder: TurningFinder, photo: PictureSource) -> Iterable[FoundFace]:
    face = finder.find_largest(photo)
    return (face,) if face else islice(finder.find(photo), 1)
