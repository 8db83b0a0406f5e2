"""Creates a collection in the stand-in for AWS, through the service.

`python -m bench.enrol <collection id> <data directory> <faces>`, with a function's environment.
"""

import sys
import time
from pathlib import Path

from bench.collection import STORE, SnapshotFile
from bench.start import CONTEXT, event
from bench.vectors import CODEC, Store
from functions import api
from functions.runtime import bootstrap, storage


def main() -> None:
    name, data, faces = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    api.handler(event("CreateCollection", CollectionId=name), CONTEXT)
    uid = bootstrap.service().collections.get(name).uid
    path = SnapshotFile(Store(data / STORE), data, faces).path
    if path.exists():
        storage.snapshots().put(uid, path, int(time.time() * 1000), CODEC.mark)


if __name__ == "__main__":
    main()
