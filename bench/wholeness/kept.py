"""Nothing lost: groups, pictures turned by any angle, and small faces."""

from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from bench.wholeness.looking import Face, Looker, cosine, iou
from bench.wholeness.pictures import Group, Photo, as_jpeg, opened
from bench.wholeness.tally import Tally
from semblance.model.detected import Box

ANGLES = range(0, 360, 30)
SAME_AT = 99.0
"""The similarity of a turned face to the upright one from which it counts as found."""
HEIGHTS = (16, 20, 24, 30, 40)
"""Pixels."""
CANVAS = (640, 480)
PLACED_IOU = 0.3


def groups(looker: Looker, photographed: Iterable[Group]) -> Tally:
    """Counts faces; `missing` and `too many` by photo, against the count by eye."""
    tally = Tally("groups", "faces counted by eye", ("missing", "too many"))
    for group in photographed:
        name = group.photo.name
        found = len(looker.look(name, group.photo.read(), remember=True).faces)
        tally.of += group.faces
        for _ in range(max(group.faces - found, 0)):
            tally.note("missing", f"{name}: {found} of {group.faces}")
        for _ in range(max(found - group.faces, 0)):
            tally.note("too many", f"{name}: {found} of {group.faces}")
    return tally


def turned(looker: Looker, photos: Iterable[Photo]) -> Iterator[Tally]:
    """Portraits turned about their middle on a canvas of black, or of the colour of their edge."""
    portraits = list(_portraits(looker, photos))
    for angle in ANGLES:
        tally = Tally("turned", f"{angle} degrees", ("no face", "wrong"))
        for name, picture, face in portraits:
            for ground, colour in (("black", (0, 0, 0)), ("edge", _edge(picture))):
                _turned(looker, f"{name} {ground}", face, _rotated(picture, angle, colour), tally)
        yield tally


def small(looker: Looker, photos: Iterable[Photo]) -> Iterator[Tally]:
    """Portraits shrunk and pasted on a canvas, plain or of noise."""
    portraits = list(_portraits(looker, photos))
    for height in HEIGHTS:
        tally = Tally("small", f"{height} pixels high", ("no face", "not itself at 80"))
        for name, picture, face in portraits:
            for ground in ("plain", "textured"):
                _shrunk(looker, f"{name} {ground}", face, (picture, height, ground), tally)
        yield tally


def _portraits(looker: Looker, photos: Iterable[Photo]) -> Iterator[tuple[str, Image.Image, Face]]:
    """With the largest face of each photo."""
    for photo in photos:
        image = photo.read()
        face = looker.look(photo.name, image, remember=True).largest
        if face:
            picture = opened(image)
            picture.thumbnail((900, 900))
            yield photo.name, picture, face


def _turned(looker: Looker, name: str, face: Face, picture: Image.Image, tally: Tally) -> None:
    largest = looker.look(f"{name} {tally.set}", as_jpeg(picture)).largest
    if largest is None:
        tally.fails("no face", name)
    elif looker.similarity(face, largest) < SAME_AT:
        tally.fails("wrong", f"{name}: {cosine(face, largest):.2f}, roll {largest.roll:.0f}")
    else:
        tally.passed()


def _rotated(picture: Image.Image, angle: int, colour: tuple[int, int, int]) -> Image.Image:
    """Clockwise."""
    bicubic = Image.Resampling.BICUBIC
    return picture.rotate(-angle, bicubic, expand=True, fillcolor=colour)


def _edge(picture: Image.Image) -> tuple[int, int, int]:
    pixels = np.asarray(picture)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(edge, axis=0).astype(int).tolist()
    return red, green, blue


def _shrunk(
    looker: Looker,
    name: str,
    face: Face,
    wanted: tuple[Image.Image, int, str],
    tally: Tally,
) -> None:
    picture, height, ground = wanted
    canvas, box = _placed(picture, face, height, ground)
    faces = looker.look(f"{name} {height}", as_jpeg(canvas, 95)).faces
    same = [each for each in faces if iou(each.box, box) > PLACED_IOU]
    if not same:
        tally.fails("no face", name)
    elif looker.similarity(face, same[0]) < 80:
        tally.fails("not itself at 80", f"{name}: {cosine(face, same[0]):.2f}")
    else:
        tally.passed()


def _placed(picture: Image.Image, face: Face, height: int, ground: str) -> tuple[Image.Image, Box]:
    """The canvas, and the face's box on it."""
    scale = height / (face.box.height * picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    shrunk = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    canvas = _ground(ground)
    left, top = (CANVAS[0] - size[0]) // 3, (CANVAS[1] - size[1]) // 3
    canvas.paste(shrunk, (left, top))
    return canvas, Box(
        (left + face.box.left * size[0]) / CANVAS[0],
        (top + face.box.top * size[1]) / CANVAS[1],
        face.box.width * size[0] / CANVAS[0],
        face.box.height * size[1] / CANVAS[1],
    )


def _ground(name: str) -> Image.Image:
    if name == "plain":
        return Image.new("RGB", CANVAS, (118, 126, 132))
    luck = np.random.default_rng(1927)
    coarse = luck.integers(40, 210, (48, 64, 3), np.uint8)
    return Image.fromarray(coarse).resize(CANVAS, Image.Resampling.BICUBIC)
