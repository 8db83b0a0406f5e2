"""Who has several photos in a folder, as far as names tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.*[a-zA-Z])[-_.]?[0-9]{1,3}")
"""ann2, ann-2, ann_002. With four digits and more, a camera counts all its photos."""


def person(external_image_id: str) -> str:
    """A folder for each person gives bob:1 and bob:2; else a number may end the name: ann1,
    ann_2."""
    folder, colon, _ = external_image_id.rpartition(":")
    if colon:
        return folder
    numbered = _NUMBERED.fullmatch(external_image_id)
    return numbered[1] if numbered else external_image_id


def with_several_photos(external_image_ids: Iterable[str]) -> list[str]:
    """In order of their names. Each photo has its id here, also the same as another's."""
    photos = Counter(map(person, external_image_ids))
    return sorted(name for name, number in photos.items() if number > 1)
