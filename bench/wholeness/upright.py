"""Upright photos: faces that come out turned over, and photos in which none is found."""

from collections.abc import Iterable

from bench.wholeness.looking import Looker, described
from bench.wholeness.pictures import Photo
from bench.wholeness.tally import Tally

MAX_ROLL = 45.0
"""Degrees. People who stand or sit hold their heads within it."""


def turned_over(looker: Looker, photos: Iterable[Photo], label: str) -> Tally:
    """Counts photos; a face turned over is one of all or the largest."""
    tally = Tally("upright photos", label, ("turned over", "no face"))
    for photo in photos:
        look = looker.look(photo.name, photo.read(), remember=True)
        faces = [*look.faces, *([look.largest] if look.largest else [])]
        over = [face for face in faces if abs(face.roll) > MAX_ROLL]
        if over:
            tally.fails("turned over", f"{photo.name}: {described(over[0])}")
        elif not look.faces or look.largest is None:
            tally.fails("no face", photo.name)
        else:
            tally.passed()
    return tally
