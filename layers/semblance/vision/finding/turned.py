"""Finds faces in pictures on their side without EXIF, such as screenshots: tries quarter turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from semblance.vision.face.align import roll
from semblance.vision.face.found import FoundFace
from semblance.vision.finding.finder import Finder
from semblance.vision.packs.specs import Turned
from semblance.vision.picture.geometry import Affine, apply, quarter_turn
from semblance.vision.picture.picture import Picture, PictureSource, turned_size

TURNED = {
    1: Image.Transpose.ROTATE_270,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_90,
}
"""Quarters of a circle, clockwise, to Pillow's transpositions, which count anticlockwise."""
MAX_ROLL = 50
"""Maximum roll in degrees, either way, in the turned picture. At one of the four turns every face
is within it."""


@dataclass(frozen=True, slots=True)
class TurnedPhoto:
    photo: PictureSource
    turn: Image.Transpose

    @property
    def size(self) -> tuple[int, int]:
        return turned_size(self.photo.size, self.turn)

    def picture(self, scale: float) -> Picture:
        level = self.photo.picture(scale).level(scale)
        return Picture(self.size, level.turned(self.turn, self.photo.size))


class TurningFinder:
    """Wraps a finder. When it finds no face, the picture is searched again at each quarter turn."""

    def __init__(self, finder: Finder, spec: Turned) -> None:
        self._finder = finder
        self._spec = spec

    def find(self, photo: PictureSource) -> Iterator[FoundFace]:
        """Faces, largest first. Lazy: a face is judged shortly before the caller takes it."""
        face = None
        for face in self._finder.find(photo):
            yield face
        if face is None:
            yield from self._find_turned(photo)

    def find_largest(self, photo: PictureSource) -> FoundFace | None:
        """The first face of `find`, found at a fraction of the cost; None when this quick look is
        not sure, so that the caller has to run `find`."""
        return self._finder.find_largest(photo)

    def _find_turned(self, photo: PictureSource) -> list[FoundFace]:
        """The faces at the quarter turn with the highest norm. Three more passes are three more
        chances of a false detection, hence the stricter rules."""
        best: list[FoundFace] = []
        for quarters in self._spec.quarters:
            faces = self._find_at(photo, quarters)
            if _best_norm(faces) > _best_norm(best):
                best = faces
        return best

    def _find_at(self, photo: PictureSource, quarters: int) -> list[FoundFace]:
        turned = TurnedPhoto(photo, TURNED[quarters])
        back = turn_back(photo.size, quarters)
        return [
            _moved(face, back)
            for face in self._finder.find_upright(turned, self._spec.long_sides)
            if face.judged.norm >= self._spec.norm and abs(roll(face.five)) <= MAX_ROLL
        ]


def turn_back(size: tuple[int, int], quarters: int) -> Affine:
    """The transform from the turned picture to the picture of `size` (width, height)."""
    linear = quarter_turn(-quarters)
    centre = np.array(size) / 2
    turned_centre = centre[::-1] if quarters % 2 else centre
    return np.column_stack([linear, centre - linear @ turned_centre])


def _moved(face: FoundFace, to_picture: Affine) -> FoundFace:
    corners = apply(to_picture, face.box.reshape(2, 2))
    return FoundFace(
        box=np.concatenate([corners.min(axis=0), corners.max(axis=0)]),
        score=face.score,
        five=apply(to_picture, face.five),
        landmarks=apply(to_picture, face.landmarks),
        shift=face.shift,
        judged=face.judged,
    )


def _best_norm(faces: list[FoundFace]) -> float:
    return max((face.judged.norm for face in faces), default=0.0)
