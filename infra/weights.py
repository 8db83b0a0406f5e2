"""Copies one pack's weights into the image: `python -m infra.weights PACK PREPARED INTO`.

Runs while the image is built, with the standard library only. An image holds no other pack's
weights, since their licence may not allow the owner to use them.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from infra import packs

INDEX = "prepared.json"
"""Written by `make fetch` beside the weights: SHA-256 of each upstream file and prepared file."""


def bring(pack: str, prepared: Path, into: Path) -> None:
    try:
        index = json.loads((prepared / INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise SystemExit(f"{prepared}/{INDEX} is missing: run `make fetch`") from exc
    into.mkdir(parents=True)
    for file, pinned in packs.files(pack).items():
        entry = index.get(file, {})
        if entry.get("upstream") != pinned:
            raise SystemExit(f"{file} was made from another file than pinned: run `make fetch`")
        if hashlib.sha256((prepared / file).read_bytes()).hexdigest() != entry["prepared"]:
            raise SystemExit(f"{file} has changed since `make fetch`: run it again")
        shutil.copyfile(prepared / file, into / file)
    shutil.copyfile(prepared / INDEX, into / INDEX)


if __name__ == "__main__":
    bring(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
