"""Keys of S3 objects: of dropped photos, of the results that answer them, and of snapshots.

    search/<collection id>/<anything>
    index/<collection id>/<external image id>.<ext>
    results/<key of the photo>.json
    snapshots/<collection uid>/<watermark, epoch ms, 13 digits>-<unique suffix><codec's mark>

Prefixes for IAM policies and bucket notifications are these names with a slash after them.
"""

import hashlib
import re
from posixpath import splitext
from typing import NamedTuple

SEARCH, INDEX = "search", "index"
TASKS = (SEARCH, INDEX)
RESULTS = "results"
SNAPSHOTS = "snapshots"

MOST_KEY_BYTES = 1024
"""S3's limit."""
NO_FACES = "There are no faces in the image. Should be at least 1."
"""Rekognition's message, by which clients recognise a photo without a face among the refusals."""

SNAPSHOT_SUFFIX_DIGITS = 24
_SNAPSHOT = re.compile(
    rf"{SNAPSHOTS}/([^/]+)/(\d{{13}})-(?:[0-9a-f]{{{SNAPSHOT_SUFFIX_DIGITS}}}([0-9a-f]{{8}})|[0-9a-f]+)"
)
"""Version 0.1.0 wrote no mark. It takes a mark for a part of the suffix, so that after a rollback
it still finds these snapshots, and erases those of a deleted collection."""


class PhotoKey(NamedTuple):
    """The parts of a dropped photo's key; each may be empty, and the task unknown."""

    task: str
    collection_id: str
    name: str

    @property
    def is_valid(self) -> bool:
        return self.task in TASKS and bool(self.name)


class SnapshotKey(NamedTuple):
    uid: str
    watermark_ms: int
    mark: bytes
    """Of the codec whose codes it holds; empty in the keys of version 0.1.0."""


def prefix(*parts: str) -> str:
    """`prefix(RESULTS, INDEX)` is `results/index/`."""
    return "".join(f"{part}/" for part in parts)


def photo_key(task: str, collection_id: str, name: str) -> str:
    return f"{task}/{collection_id}/{name}"


def parse_photo_key(key: str) -> PhotoKey:
    task, _, rest = key.partition("/")
    collection_id, _, name = rest.partition("/")
    return PhotoKey(task, collection_id, name)


def external_image_id(name: str) -> str:
    """The ExternalImageId of an indexed photo: its name in the key without the extension."""
    return splitext(name)[0]


def results_prefix(photos_prefix: str) -> str:
    """The prefix of the results of photos whose keys begin with `photos_prefix`."""
    return prefix(RESULTS) + photos_prefix


def result_name(key: str) -> str:
    """`results/<key>.json`; a key too long for that is cut and its SHA-256 appended."""
    name = f"{prefix(RESULTS)}{key}.json"
    if len(name.encode()) <= MOST_KEY_BYTES:
        return name
    rest = f"~{hashlib.sha256(key.encode()).hexdigest()}.json"
    room = MOST_KEY_BYTES - len(f"{prefix(RESULTS)}{rest}")
    return f"{prefix(RESULTS)}{key.encode()[:room].decode(errors='ignore')}{rest}"


def photo_of_result(name: str) -> PhotoKey | None:
    """The photo that a result answers, from the result's name; None for any other object.

    A name that `result_name` cut gives the beginning of the photo's name.
    """
    if not name.startswith(prefix(RESULTS)) or not name.endswith(".json"):
        return None
    return parse_photo_key(name.removeprefix(prefix(RESULTS)).removesuffix(".json"))


def snapshot_key(uid: str, watermark_ms: int, suffix: str, mark: bytes) -> str:
    """`suffix`: SNAPSHOT_SUFFIX_DIGITS hexadecimal digits; of two snapshots with one watermark the
    higher is the newer. `mark`: 4 bytes."""
    return f"{prefix(SNAPSHOTS, uid)}{watermark_ms:013d}-{suffix}{mark.hex()}"


def parse_snapshot_key(key: str) -> SnapshotKey | None:
    found = _SNAPSHOT.fullmatch(key)
    return SnapshotKey(found[1], int(found[2]), bytes.fromhex(found[3] or "")) if found else None
