"""Makes a collection in the stand-in, through the service: `python -m bench.enrol <id> <data>
<faces>`, with the environment of a function. Says its uid."""

import sys
import time
from pathlib import Path

from bench.collection import STORE, Snapshot
from bench.start import CONTEXT, event
from bench.vectors import Store
from functions import api
from functions.runtime import bootstrap, snapshots


def main() -> None:
    name, data, faces = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    api.handler(event("CreateCollection", CollectionId=name), CONTEXT)
    uid = bootstrap.service().collections.get(name).uid
    path = Snapshot(Store(data / STORE), data, faces).path
    if path.exists():
        snapshots.bucket().put(uid, path, int(time.time() * 1000))
    sys.stdout.write(f"\n{uid}\n")


if __name__ == "__main__":
    main()
