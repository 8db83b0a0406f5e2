"""Finder: the protocol that every way of finding faces follows, and the limits they share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from semblance.vision.face.found import FoundFace
from semblance.vision.picture.picture import PictureSource

MAX_FACES = 100
"""Faces kept of a crowd, the largest ones: as many as Rekognition reports."""
QUARTER_TURNS = (1, 2, 3)
"""Quarters of a circle at which a face is tried again when its upright crop has a low norm."""


class Finder(Protocol):
    def find(self, photo: PictureSource) -> Iterator[FoundFace]:
        """Faces, largest first. Lazy: a face is judged shortly before the caller takes it."""

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        """The first face of `find`, found at a fraction of the cost; None when this quick look is
        not sure, so that the caller has to run `find`."""
