"""Brings model weights and sample photos into .local/, checked: `python -m tools.models.fetch`.

Sources and checksums are data: the pack manifest for the weights, tools/photos.toml for the
photos. A second run finds everything in its place and downloads nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.models.archives import FetchError, Source, check, download, read_member

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "layers" / "semblance" / "vision" / "packs" / "manifest.toml"
PHOTOS = Path(__file__).with_name("photos.toml")
RECIPE = "2"
"""Raised when a step of tools.models.prepare changes: what it made is then made again."""
UPSTREAM_DIR = "upstream"
"""Beside the prepared models, the files as they were fetched: another recipe needs no download,
and tests compare what was made with what it was made from."""
PREPARED_INDEX = "prepared.json"
"""Beside the models: which file was fetched, and the file that was made from it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    source: str
    path: str
    sha256: str
    prepare: tuple[str | Mapping[str, Any], ...] = ()


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    try:
        fetch_models(options.models_dir, options.pack, options.node_modules, console)
        if not options.no_photos:
            fetch_photos(options.photos_dir, options.node_modules, console)
    except FetchError as error:
        console.print(f"[red]fetch failed:[/red] {error}", soft_wrap=True)
        return 1
    return 0


def fetch_models(
    models_dir: Path, packs: Collection[str], node_modules: Path, console: Console
) -> None:
    table = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    index_path = models_dir / PREPARED_INDEX
    index = json.loads(index_path.read_text()) if index_path.exists() else {}
    names = _files_of(table, packs)
    missing = [
        wanted
        for wanted in _wanted(table)
        if wanted.name in names and not _is_prepared(models_dir, wanted, index)
    ]
    with _bringer(table, node_modules, console) as bring:
        for wanted in missing:
            # onnx takes longer to import than a run with nothing to do takes in all.
            from tools.models.prepare import prepare

            upstream = models_dir / UPSTREAM_DIR / wanted.name
            if _sha256(upstream) != wanted.sha256:
                _write(upstream, bring(wanted))
            model = prepare(upstream.read_bytes(), wanted.prepare)
            _write(models_dir / wanted.name, model)
            index[wanted.name] = {
                "upstream": wanted.sha256,
                "prepared": hashlib.sha256(model).hexdigest(),
                "recipe": _recipe(wanted),
            }
            _write(index_path, (json.dumps(index, indent=1, sort_keys=True) + "\n").encode())
    console.print(f"models: {len(names)} in {models_dir}, {len(missing)} of them new")


def fetch_photos(photos_dir: Path, node_modules: Path, console: Console) -> None:
    table = tomllib.loads(PHOTOS.read_text(encoding="utf-8"))
    photos = _wanted(table)
    missing = [photo for photo in photos if _sha256(photos_dir / photo.name) != photo.sha256]
    with _bringer(table, node_modules, console) as bring:
        for photo in missing:
            _write(photos_dir / photo.name, bring(photo))
    console.print(f"photos: {len(photos)} in {photos_dir}, {len(missing)} of them new")


@contextmanager
def _bringer(
    table: Mapping[str, Any], node_modules: Path, console: Console
) -> Iterator[Callable[[Wanted], bytes]]:
    """A function that gives a file's checked content and downloads each archive once."""
    sources = {name: Source(**entry) for name, entry in table["sources"].items()}
    archives: dict[str, Path] = {}
    with tempfile.TemporaryDirectory() as scratch:

        def bring(wanted: Wanted) -> bytes:
            source = sources[wanted.source]
            installed = node_modules / source.package / wanted.path
            if source.registry == "npm" and installed.is_file():
                content = installed.read_bytes()
            else:
                if wanted.source not in archives:
                    console.print(f"downloading {source.requirement} ({source.licence})")
                    into = Path(scratch, wanted.source)
                    into.mkdir()
                    archives[wanted.source] = download(source, into)
                content = read_member(archives[wanted.source], source, wanted.path)
            check(content, wanted.sha256, f"{wanted.path} of {source.requirement}")
            console.print(f"  {wanted.name}: {len(content):,} bytes, checksum right")
            return content

        yield bring


def _files_of(table: Mapping[str, Any], packs: Collection[str]) -> set[str]:
    unknown = set(packs) - set(table["packs"])
    if unknown:
        raise FetchError(f"no such pack: {', '.join(sorted(unknown))}")
    chosen = [table["packs"][name] for name in packs or table["packs"]]
    return {
        part["file"]
        for pack in chosen
        for part in (
            pack["detector"],
            table["landmarks"][pack["landmarks"]],
            table["eyes"][pack["eyes"]],
            table["embedders"][pack["embedder"]],
        )
    }


def _wanted(table: Mapping[str, Any]) -> list[Wanted]:
    return [
        Wanted(
            name, entry["source"], entry["path"], entry["sha256"], tuple(entry.get("prepare", ()))
        )
        for name, entry in table["files"].items()
    ]


def _is_prepared(models_dir: Path, wanted: Wanted, index: Mapping[str, Any]) -> bool:
    entry = index.get(wanted.name, {})
    return bool(
        entry.get("upstream") == wanted.sha256
        and entry.get("recipe") == _recipe(wanted)
        and entry.get("prepared") == _sha256(models_dir / wanted.name)
    )


def _recipe(wanted: Wanted) -> str:
    return f"{RECIPE}: {json.dumps(wanted.prepare)}"


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a run that is interrupted leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.models.fetch", description=__doc__)
    parser.add_argument(
        "--pack", action="append", default=[], help="only this pack's models; may be repeated"
    )
    parser.add_argument("--no-photos", action="store_true", help="models only")
    parser.add_argument("--models-dir", type=Path, default=ROOT / ".local" / "models")
    parser.add_argument("--photos-dir", type=Path, default=ROOT / ".local" / "photos")
    parser.add_argument(
        "--node-modules",
        type=Path,
        default=ROOT / "node_modules",
        help="npm packages are taken from here when they are installed, else downloaded alone",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
