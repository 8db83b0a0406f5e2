"""Names that are left out of the calibration since they seem to be one person's.

One person under two names looks like a false match of near certainty. A few of them would decide
the strict end of the curve, which stands on the most alike strangers. A pair of names is taken for
one person only when both embedders say so: the owner's finds them more alike than half of the
genuine pairs, and the base pack's puts them above its strictest knot, where it errs once in
millions of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Embeddings, unpack
from semblance_cli.accuracy import distributions, doubtful
from semblance_cli.accuracy.pairs import Faces
from semblance_cli.pack.photos import Face
from semblance_cli.problems import CommandError

_MOST_SHARE = 0.1


class Twice(NamedTuple):
    left_out: str
    """A file of the person who is left out."""
    like: str
    """The file that it is like."""


def numbered(faces: Sequence[Face]) -> NDArray[np.intp]:
    _, persons = np.unique([face.photo.person for face in faces], return_inverse=True)
    return persons.astype(np.intp)


def twice_named(
    faces: Sequence[Face], units: Embeddings, sure: float
) -> tuple[NDArray[np.bool_], list[Twice]]:
    """Which faces are kept, and why the others are not. `sure`: the base pack's cosine at its
    strictest knot. Raises CommandError when too many names are in doubt."""
    persons = numbered(faces)
    beside = unpack([face.beside for face in faces])
    kept, found = np.ones(len(faces), np.bool_), list[Twice]()
    while pairs := _doubles(Faces(units, persons), beside, kept, sure):
        for one, other in pairs:
            if kept[one] and kept[other]:
                fewer, more = _by_photos(persons, one, other)
                kept[persons == persons[fewer]] = False
                found.append(Twice(faces[fewer].photo.file, faces[more].photo.file))
        if len(found) > _MOST_SHARE * (persons.max() + 1):
            raise CommandError(
                f"{len(found)} people and more have faces that another name has too, such as "
                f"{found[0].left_out} and {found[0].like}. Put the labels right first (`semblance "
                "accuracy` shows such pairs). If photos show several people, choose the face with "
                "--face."
            )
    return kept, found


def _doubles(
    all_faces: Faces, beside: Embeddings, kept: NDArray[np.bool_], sure: float
) -> list[tuple[int, int]]:
    """Places of faces, the most alike first."""
    places = np.flatnonzero(kept)
    _, persons = np.unique(all_faces.persons[places], return_inverse=True)
    own = Faces(all_faces.embeddings[places], persons.astype(np.intp))
    usual = distributions.measure(own).genuine.reached_by(0.5)
    alike = [
        (int(places[each.one]), int(places[each.other])) for each in doubtful.too_alike(own, usual)
    ]
    return [(one, other) for one, other in alike if beside[one] @ beside[other] >= sure]


def _by_photos(persons: NDArray[np.intp], one: int, other: int) -> tuple[int, int]:
    """The face of the person with fewer photos first."""
    sizes = [int((persons == persons[place]).sum()) for place in (one, other)]
    return (one, other) if sizes[0] < sizes[1] else (other, one)
