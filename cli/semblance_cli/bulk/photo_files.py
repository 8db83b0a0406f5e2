"""The photos of a folder, and the names that they get in the input bucket."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from semblance.contract.layout import INDEX, MOST_KEY_BYTES, external_image_id, photo_key
from semblance.stores.images import MOST_BYTES
from semblance_cli.image_files import files_in, is_photo

_MOST_ID_CHARACTERS = 255
_FOREIGN = re.compile(r"[^a-zA-Z0-9_.\-:]")

Naming = Callable[[str], str]
"""From a file's path in the folder to the photo's name in the bucket."""


@dataclass(frozen=True, slots=True)
class PhotoFile:
    file: str
    """Relative to the folder, with slashes."""
    path: Path
    name: str
    """The part of the key after the collection."""
    size: int


@dataclass(slots=True)
class Folder:
    photos: list[PhotoFile] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Hidden files, and files that are neither JPEG nor PNG by their names."""
    too_large: list[str] = field(default_factory=list)
    unusable: dict[str, str] = field(default_factory=dict)
    """Files that cannot have a key of their own, and why."""


def read(root: Path, naming: Naming, task: str, collection: str) -> Folder:
    folder = Folder()
    for file, path in files_in(root):
        if not is_photo(file):
            folder.skipped.append(file)
            continue
        photo = PhotoFile(file, path, naming(file), path.stat().st_size)
        if photo.size > MOST_BYTES:
            folder.too_large.append(file)
        elif reason := _problem(task, collection, photo.name):
            folder.unusable[file] = reason
        else:
            folder.photos.append(photo)
    _refuse_twins(folder)
    return folder


def as_it_is(file: str) -> str:
    return file


def with_colons(file: str) -> str:
    """alice/1.jpg is indexed as alice:1, since an ExternalImageId has no slashes."""
    return file.replace("/", ":")


def fixed(file: str) -> str:
    """Legible rather than reversible: the summary and --output say which file has which id.

    Accents are dropped, letters of other scripts become their code points (two names stay two
    names), and any other character an underscore.
    """
    plain = unicodedata.normalize("NFKD", with_colons(file))
    return _FOREIGN.sub(_replacement, plain)


def _replacement(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.combining(character):
        return ""
    return f"u{ord(character):x}" if character.isalnum() else "_"


def _problem(task: str, collection: str, name: str) -> str | None:
    try:
        length = len(photo_key(task, collection, name).encode())
    except UnicodeEncodeError:
        return "the name is not valid UTF-8"
    if length > MOST_KEY_BYTES:
        return f"its key would have {length} bytes, and S3 takes {MOST_KEY_BYTES}"
    return _problem_of_id(external_image_id(name)) if task == INDEX else None


def _problem_of_id(text: str) -> str | None:
    foreign = sorted(set(_FOREIGN.findall(text)))
    if foreign:
        return "not allowed in an ExternalImageId: " + " ".join(map(_shown, foreign))
    if len(text) > _MOST_ID_CHARACTERS:
        return f"an ExternalImageId has at most {_MOST_ID_CHARACTERS} characters"
    return None


def _shown(character: str) -> str:
    return "space" if character == " " else character


def _refuse_twins(folder: Folder) -> None:
    counts = Counter(photo.name for photo in folder.photos)
    for photo in folder.photos:
        if counts[photo.name] > 1:
            folder.unusable[photo.file] = f"another file would be called {photo.name} too"
    folder.photos = [photo for photo in folder.photos if photo.file not in folder.unusable]
