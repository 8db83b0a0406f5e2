"""The pictures of the figures: the sample photos, the fetched sets and a folder of people."""

import io
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from PIL import Image, ImageOps

from bench.workers import LOCAL

SAMPLES = LOCAL / "photos"
FETCHED = LOCAL / "bench-pictures"
LIST = Path(__file__).with_name("pictures.toml")
ENDINGS = (".jpg", ".jpeg", ".png")
SOLVAY = "solvay_conference_1927.jpg"
SOLVAY_FACES = 29
PORTRAITS = ("biden.jpg", "gauss.png", "newton.png", "obama.jpg", "obama2.jpg", "obama3.jpg")
LFW_PORTRAITS = 40
"""Of the photos of `lfw`, every so manyth is a portrait, too."""
QUICK_STEP = 5


class PictureList(TypedDict):
    """Paths by set and source; for groups, the number of faces with each path."""

    portraits: list[str]
    sets: dict[str, dict[str, list[str]]]
    groups: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Photo:
    name: str
    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Group:
    photo: Photo
    faces: int
    """Counted by eye."""


@dataclass(frozen=True, slots=True)
class Pictures:
    lfw: Path | None
    """A folder for each person."""
    every: int
    """Of the people of `lfw`, every so manyth."""
    quick: bool

    def samples(self) -> list[Photo]:
        return folder(SAMPLES)

    def fetched(self, name: str) -> list[Photo]:
        """A set of pictures.toml."""
        photos = [
            Photo(place, FETCHED / place)
            for source, paths in _listed()["sets"][name].items()
            for place in (f"{name}/{source}/{path}" for path in paths)
        ]
        return photos[::QUICK_STEP] if self.quick else photos

    def people(self) -> list[Photo]:
        return [*self.fetched("people"), *self.fetched("sunglasses"), *self.fetched("backlit")]

    def portraits(self) -> list[Photo]:
        """The same ones for every pack: one face each, clearly visible."""
        samples = [Photo(name, SAMPLES / name) for name in PORTRAITS]
        fetched = [Photo(name, FETCHED / name) for name in _listed()["portraits"]]
        photos = [*samples, *fetched, *self.lfw_photos()[::LFW_PORTRAITS]]
        return photos[::QUICK_STEP] if self.quick else photos

    def groups(self) -> list[Group]:
        fetched = [
            Group(Photo(place, FETCHED / place), count)
            for source, counts in _listed()["groups"].items()
            for place, count in ((f"groups/{source}/{path}", n) for path, n in counts.items())
        ]
        return [Group(Photo(SOLVAY, SAMPLES / SOLVAY), SOLVAY_FACES), *fetched]

    def lfw_photos(self, *, of_all: bool = False) -> list[Photo]:
        """Of every so manyth person, or of all people."""
        if self.lfw is None:
            return []
        step = (1 if of_all else self.every) * (QUICK_STEP if self.quick else 1)
        people = sorted(path for path in self.lfw.iterdir() if path.is_dir())[::step]
        return [photo for person in people for photo in folder(person, self.lfw)]


def folder(root: Path, named_from: Path | None = None) -> list[Photo]:
    return [
        Photo(str(path.relative_to(named_from or root)), path)
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in ENDINGS
    ]


def _listed() -> PictureList:
    return cast("PictureList", tomllib.loads(LIST.read_text(encoding="utf-8")))


def opened(image: bytes) -> Image.Image:
    """RGB, upright by EXIF."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(image))).convert("RGB")


def as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def as_jpeg(image: Image.Image, quality: int = 92) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
