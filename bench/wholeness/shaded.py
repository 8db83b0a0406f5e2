"""People in sunglasses or against the light: is a face enrolled that a search would match?"""

from collections.abc import Callable, Iterable
from functools import partial

from PIL import Image

from bench.wholeness.looking import Face, Looker, described, iou
from bench.wholeness.pictures import Photo, as_jpeg, opened
from bench.wholeness.shading import against_the_light, with_sunglasses
from bench.wholeness.tally import Tally

MATCHED = 90.0
"""The similarity from which a photo ought to be enrolled."""
MIN_HEIGHT_PX = 60
MIN_IOU = 0.3
DRAWN: dict[str, Callable[[Image.Image, Face], Image.Image]] = {
    "sunglasses drawn, nearly black": partial(with_sunglasses, opacity=0.97),
    "sunglasses drawn, tinted": partial(with_sunglasses, opacity=0.75),
    "light behind, face at 0.35": partial(against_the_light, left=0.35),
    "light behind, face at 0.2": partial(against_the_light, left=0.2),
    "light behind, face at 0.12": partial(against_the_light, left=0.12),
}


def photographed(looker: Looker, photos: Iterable[Photo], label: str) -> Tally:
    """Photos as they are; whether a search would match them is not known."""
    tally = Tally("shaded", label, ("refused", "not found"))
    for photo in photos:
        look = looker.look(photo.name, photo.read(), remember=True)
        _count(looker, look.faces[:1], photo.name, tally)
    return tally


def drawn(looker: Looker, photos: Iterable[Photo]) -> list[Tally]:
    """Photos, shaded: of those that their original matches, the refused."""
    tallies = {label: Tally("shaded", label, ("refused", "not matched")) for label in DRAWN}
    for photo in photos:
        image = photo.read()
        face = looker.look(photo.name, image, remember=True).largest
        if face is None or face.found.height_px < MIN_HEIGHT_PX:
            continue
        picture = opened(image)
        for label, shade in DRAWN.items():
            found = looker.faces(as_jpeg(shade(picture, face)))
            same = [each for each in found if iou(each.box, face.box) > MIN_IOU]
            matched = [each for each in same if looker.similarity(face, each) >= MATCHED]
            if matched:
                _count(looker, matched, f"{photo.name}", tallies[label])
            else:
                tallies[label].note("not matched", photo.name)
    return list(tallies.values())


def with_mates(looker: Looker, photos: Iterable[Photo], label: str) -> Tally:
    """Photos that another photo of the same person (the same folder) matches: the refused."""
    tally = Tally("shaded", label, ("refused",))
    people: dict[str, list[tuple[str, Face]]] = {}
    for photo in photos:
        largest = looker.look(photo.name, photo.read(), remember=True).largest
        if largest:
            people.setdefault(photo.name.split("/")[0], []).append((photo.name, largest))
    for faces in people.values():
        for name, face in faces:
            others = [other for other_name, other in faces if other_name != name]
            if any(looker.similarity(face, other) >= MATCHED for other in others):
                _count(looker, [face], name, tally)
    return tally


def _count(looker: Looker, faces: list[Face], name: str, tally: Tally) -> None:
    if not faces:
        tally.fails("not found", name)
    elif reasons := looker.reasons(faces[0]):
        tally.fails("refused", f"{name}: {', '.join(reasons)}, {described(faces[0])}")
    else:
        tally.passed()
