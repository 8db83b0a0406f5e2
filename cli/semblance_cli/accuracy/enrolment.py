"""Enrolment: which face of each photo is measured, and which photos give none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from semblance_cli.accuracy.people import Photo
from semblance_cli.accuracy.reading import Read
from semblance_cli.accuracy.templates import LARGEST, Template


class Enrolled(NamedTuple):
    photo: Photo
    template: Template


class Remark(NamedTuple):
    """A photo and the reason why it is listed."""

    file: str
    why: str = ""


@dataclass(slots=True)
class Enrolment:
    """The photos of one measurement. Each is in one of the first five lists."""

    enrolled: list[Enrolled] = field(default_factory=list)
    """By person."""
    refused: list[Remark] = field(default_factory=list)
    """Broken, too large, or not to be opened."""
    without_face: list[Remark] = field(default_factory=list)
    dropped: list[Remark] = field(default_factory=list)
    """The quality filter drops every face."""
    twice: list[Remark] = field(default_factory=list)
    """The same file again under the same name, which would count as a match and is none."""
    several: list[Remark] = field(default_factory=list)
    """Enrolled with one face of several."""

    @property
    def photos(self) -> int:
        return len(self.enrolled) + self.failed + len(self.twice)

    @property
    def failed(self) -> int:
        """Photos that the product would not enrol: their share is the failure-to-enrol rate."""
        return len(self.refused) + len(self.without_face) + len(self.dropped)


def enrol(photos: Sequence[Read], quality_filter: str, whose: str = LARGEST) -> Enrolment:
    """`photos` are sorted by person. `whose`: which face of a photo is its person's."""
    made = Enrolment()
    seen: dict[tuple[str, str], str] = {}
    for photo, digest, reading in photos:
        file = photo.file
        faces = reading.candidates(whose)
        passing = [face for face in faces if quality_filter not in face.reasons]
        first = seen.setdefault((photo.person, digest), file)
        if reading.problem:
            made.refused.append(Remark(file, reading.problem))
        elif first != file:
            made.twice.append(Remark(file, f"the same as {first}"))
        elif not faces:
            made.without_face.append(Remark(file))
        elif not passing:
            made.dropped.append(Remark(file, ", ".join(faces[0].reasons[quality_filter])))
        else:
            made.enrolled.append(Enrolled(photo, passing[0]))
            if len(reading.faces) > 1:
                made.several.append(Remark(file, f"{len(reading.faces)} faces"))
    return made
