"""Brings one pack's weights into the image: `python -m infra.weights PACK PREPARED INTO`.

Runs while the image is built, on a bare Python. Only the files of the chosen pack go in: an image
must not carry weights that its owner may not use.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from infra import packs

INDEX = "prepared.json"
"""What `make fetch` leaves beside the weights: where each came from and what was made of it."""


def bring(pack: str, prepared: Path, into: Path) -> None:
    try:
        index = json.loads((prepared / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise SystemExit(f"{prepared}/{INDEX} is missing: run `make fetch`") from exc
    into.mkdir(parents=True)
    for file, pinned in packs.files(pack).items():
        entry = index.get(file, {})
        if entry.get("upstream") != pinned:
            raise SystemExit(f"{file} was not made from what is pinned: run `make fetch`")
        if hashlib.sha256((prepared / file).read_bytes()).hexdigest() != entry["prepared"]:
            raise SystemExit(f"{file} is not what `make fetch` left: run it again")
        shutil.copyfile(prepared / file, into / file)
    shutil.copyfile(prepared / INDEX, into / INDEX)


if __name__ == "__main__":
    bring(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
