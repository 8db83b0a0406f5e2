"""Copies one pack's weights into the image: `python -m infra.weights PACK PREPARED INTO`.

Runs while the image is built, with the standard library only. An image holds no other pack's
weights, since their licence may not allow the owner to use them.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from infra import packs


def bring(pack: str, prepared: Path, into: Path) -> None:
    into.mkdir(parents=True)
    for file, pinned in packs.files(pack).items():
        if not (prepared / file).is_file():
            raise SystemExit(f"{prepared / file} is missing: run `make fetch`")
        if hashlib.sha256((prepared / file).read_bytes()).hexdigest() != pinned:
            raise SystemExit(f"{file} is not as the manifest pins it: run `make fetch`")
        shutil.copyfile(prepared / file, into / file)


if __name__ == "__main__":
    bring(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
