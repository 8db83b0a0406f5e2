"""The photos of a folder, and the names that they get in the input bucket."""

import os
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from semblance_cli.problems import CommandError

SUFFIXES = {".jpg", ".jpeg", ".png"}
MOST_BYTES = 15 * 1024 * 1024
"""What the worker reads; semblance.stores.images says so, and would bring the whole service."""
_MOST_KEY_BYTES = 1024
_MOST_ID_CHARACTERS = 255
_FOREIGN = re.compile(r"[^a-zA-Z0-9_.\-:]")

Name = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Photo:
    file: str
    """Relative to the folder, with slashes."""
    path: Path
    name: str
    """What follows the collection in the key."""
    size: int


@dataclass(slots=True)
class Folder:
    photos: list[Photo] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Neither JPEG nor PNG by their names, or hidden."""
    too_large: list[str] = field(default_factory=list)
    unusable: dict[str, str] = field(default_factory=dict)
    """Files whose names make no key, and why."""


def read(root: Path, name: Name, prefix: str) -> Folder:
    """`name` makes of a file's path what follows `prefix` in its key."""
    if not root.is_dir():
        what = "is no folder" if root.exists() else "does not exist"
        raise CommandError(f"{root} {what}.")
    folder = Folder()
    for path in sorted(_files(root)):
        file = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in PurePosixPath(file).parts)
        if hidden or path.suffix.lower() not in SUFFIXES:
            folder.skipped.append(file)
            continue
        photo = Photo(file, path, name(file), path.stat().st_size)
        if photo.size > MOST_BYTES:
            folder.too_large.append(file)
        elif problem := _problem(prefix + photo.name):
            folder.unusable[file] = problem
        else:
            folder.photos.append(photo)
    _refuse_twins(folder)
    return folder


def _files(root: Path) -> Iterator[Path]:
    for directory, _, files in os.walk(root, onerror=_unreadable):
        paths = (Path(directory, file) for file in files)
        yield from (path for path in paths if path.is_file())


def _unreadable(error: OSError) -> None:
    raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from error


def as_it_is(file: str) -> str:
    return file


def external_image_id(name: str) -> str:
    """As the worker reads it from the key."""
    return posixpath.splitext(name)[0]


def with_colons(file: str) -> str:
    """alice/1.jpg is indexed as alice:1, since an ExternalImageId has no slashes."""
    return file.replace("/", ":")


def fixed(file: str) -> str:
    """Legible rather than reversible: the summary and --output tell which file has which id.

    Accents go, letters of other scripts become their code points (two names stay two names), and
    anything else an underscore.
    """
    plain = unicodedata.normalize("NFKD", with_colons(file))
    return _FOREIGN.sub(_replacement, plain)


def _replacement(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.combining(character):
        return ""
    return f"u{ord(character):x}" if character.isalnum() else "_"


def _problem(key: str) -> str | None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return "the name is not valid UTF-8"
    if length > _MOST_KEY_BYTES:
        return f"its key would have {length} bytes, and S3 takes {_MOST_KEY_BYTES}"
    task, _, rest = key.partition("/")
    return _problem_of_id(rest.partition("/")[2]) if task == "index" else None


def _problem_of_id(name: str) -> str | None:
    found = external_image_id(name)
    foreign = sorted(set(_FOREIGN.findall(found)))
    if foreign:
        return "not allowed in an ExternalImageId: " + " ".join(map(_shown, foreign))
    if len(found) > _MOST_ID_CHARACTERS:
        return f"an ExternalImageId has {_MOST_ID_CHARACTERS} characters at the most"
    return None


def _shown(character: str) -> str:
    return "space" if character == " " else character


def _refuse_twins(folder: Folder) -> None:
    counts = Counter(photo.name for photo in folder.photos)
    for photo in folder.photos:
        if counts[photo.name] > 1:
            folder.unusable[photo.file] = f"another file would be called {photo.name} too"
    folder.photos = [photo for photo in folder.photos if photo.file not in folder.unusable]
