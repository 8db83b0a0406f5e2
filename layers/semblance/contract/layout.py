"""Keys in the buckets: of dropped photos, and of the results that answer them.

    search/<collection id>/<anything>
    index/<collection id>/<external image id>.<ext>
    results/<key of the photo>.json
"""

import hashlib
from posixpath import splitext

SEARCH, INDEX = "search", "index"
NO_FACES = "There are no faces in the image. Should be at least 1."

_RESULTS = "results/"
_MOST_KEY_BYTES = 1024


def photo_key(task: str, collection_id: str, name: str) -> str:
    return f"{task}/{collection_id}/{name}"


def external_image_id(name: str) -> str:
    """Of a photo to be indexed: its name in the key without the extension."""
    return splitext(name)[0]


def results_prefix(prefix: str) -> str:
    """Where the results of photos are whose keys begin with `prefix`."""
    return _RESULTS + prefix


def result_name(key: str) -> str:
    """`results/<key>.json`; of a key too long for that the beginning, and its SHA-256."""
    name = f"{_RESULTS}{key}.json"
    if len(name.encode()) <= _MOST_KEY_BYTES:
        return name
    rest = f"~{hashlib.sha256(key.encode()).hexdigest()}.json"
    room = _MOST_KEY_BYTES - len(f"{_RESULTS}{rest}")
    return f"{_RESULTS}{key.encode()[:room].decode(errors='ignore')}{rest}"
