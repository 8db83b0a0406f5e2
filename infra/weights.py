"""Copies one pack's weights into the image: `python -m infra.weights PACK PREPARED INTO OWN`.

Runs while the image is built, with the standard library only. An image holds no other pack's
weights, since their licence may not allow the owner to use them.
"""

import hashlib
import shutil
import sys
from pathlib import Path

from infra import packs


def bring(pack: str, prepared: Path, into: Path, own: Path) -> None:
    """`own`: the directory for the manifest and the files of an owner's pack; of a built-in pack
    it stays empty."""
    _copy(Path(pack), packs.own_files(pack), own, "run `semblance pack add` again")
    _copy(prepared, packs.files(pack), into, "run `make fetch`")
    if packs.directory(pack):
        shutil.copyfile(Path(pack) / packs.MANIFEST.name, own / packs.MANIFEST.name)


def _copy(source: Path, files: dict[str, str], into: Path, remedy: str) -> None:
    into.mkdir(parents=True)
    for file, pinned in files.items():
        if not (source / file).is_file():
            raise SystemExit(f"{source / file} is missing: {remedy}")
        if hashlib.sha256((source / file).read_bytes()).hexdigest() != pinned:
            raise SystemExit(f"{file} is not as the manifest pins it: {remedy}")
        shutil.copyfile(source / file, into / file)


if __name__ == "__main__":
    bring(sys.argv[1], *map(Path, sys.argv[2:5]))
