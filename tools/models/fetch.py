"""Fetches model weights and sample photos into .local/ and checks them: `make fetch`.

Sources and checksums are data: the pack manifest for the weights, photos.toml beside this module
for the photos. A second run finds everything in its place and downloads nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import tomllib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from rich.console import Console

from infra import packs
from semblance.vision.packs.manifest import MANIFEST
from tools.checkout import CHECKOUT, MODELS, PHOTOS
from tools.models.archives import FetchError, Source, check, download, read_member

if TYPE_CHECKING:
    from tools.models.prepare import Step

PHOTO_LIST = Path(__file__).with_name("photos.toml")
UPSTREAM_DIR = "upstream"
"""Beside the prepared models, the files as fetched: another recipe needs no download, and tests
compare prepared models with them."""


class FileEntry(TypedDict):
    source: str
    path: str
    sha256: str
    prepare: NotRequired[list[Step]]
    prepared_sha256: NotRequired[str]


class FileList(TypedDict):
    """The sources and files of the manifest, and of photos.toml."""

    sources: dict[str, dict[str, str]]
    files: dict[str, FileEntry]


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    source: str
    path: str
    sha256: str
    prepare: tuple[Step, ...] = ()
    prepared_sha256: str = ""


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
    files = _read_list(MANIFEST)
    names = _files_of(packs) if packs else set(files["files"])
    missing = [
        wanted
        for wanted in _wanted(files)
        if wanted.name in names and _sha256(models_dir / wanted.name) != wanted.prepared_sha256
    ]
    with Bringer.opened(files, node_modules, console) as bringer:
        for wanted in missing:
            upstream = models_dir / UPSTREAM_DIR / wanted.name
            if _sha256(upstream) != wanted.sha256:
                _write(upstream, bringer.bring(wanted))
            _write(models_dir / wanted.name, _prepared(upstream, wanted))
    console.print(f"models: {len(names)} in {models_dir}, {len(missing)} of them new")


def _prepared(upstream: Path, wanted: Wanted) -> bytes:
    # Imported late: onnx takes longer to import than a whole run that finds nothing missing.
    from tools.models.prepare import prepare

    model = prepare(upstream.read_bytes(), wanted.prepare)
    check(model, wanted.prepared_sha256, f"{wanted.name}, as this machine prepares it,")
    return model


def fetch_photos(photos_dir: Path, node_modules: Path, console: Console) -> None:
    files = _read_list(PHOTO_LIST)
    photos = _wanted(files)
    missing = [photo for photo in photos if _sha256(photos_dir / photo.name) != photo.sha256]
    with Bringer.opened(files, node_modules, console) as bringer:
        for photo in missing:
            _write(photos_dir / photo.name, bringer.bring(photo))
    console.print(f"photos: {len(photos)} in {photos_dir}, {len(missing)} of them new")


@dataclass(frozen=True, slots=True)
class Bringer:
    """Gets the checked content of files, and downloads each archive at most once."""

    sources: Mapping[str, Source]
    node_modules: Path
    console: Console
    scratch: Path
    archives: dict[str, Path] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def opened(cls, files: FileList, node_modules: Path, console: Console) -> Iterator[Bringer]:
        sources = {name: Source(**entry) for name, entry in files["sources"].items()}
        with tempfile.TemporaryDirectory() as scratch:
            yield cls(sources, node_modules, console, Path(scratch))

    def bring(self, wanted: Wanted) -> bytes:
        source = self.sources[wanted.source]
        installed = self.node_modules / source.package / wanted.path
        if source.registry == "npm" and installed.is_file():
            content = installed.read_bytes()
        else:
            content = read_member(self._archive(wanted.source), source, wanted.path)
        check(content, wanted.sha256, f"{wanted.path} of {source.requirement}")
        self.console.print(f"  {wanted.name}: {len(content):,} bytes, checksum right")
        return content

    def _archive(self, name: str) -> Path:
        if name not in self.archives:
            source = self.sources[name]
            self.console.print(f"downloading {source.requirement} ({source.licence})")
            into = self.scratch / name
            into.mkdir()
            self.archives[name] = download(source, into)
        return self.archives[name]


def _read_list(path: Path) -> FileList:
    return cast("FileList", tomllib.loads(path.read_text(encoding="utf-8")))


def _files_of(chosen: Collection[str]) -> set[str]:
    """Names of the files of these packs."""
    unknown = set(chosen) - set(packs.names())
    if unknown:
        raise FetchError(
            f"no such pack: {', '.join(sorted(unknown))}; choose from {', '.join(packs.names())}"
        )
    return {file for pack in chosen for file in packs.files(pack)}


def _wanted(files: FileList) -> list[Wanted]:
    return [
        Wanted(
            name,
            entry["source"],
            entry["path"],
            entry["sha256"],
            tuple(entry.get("prepare", ())),
            entry.get("prepared_sha256", ""),
        )
        for name, entry in files["files"].items()
    ]


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _write(path: Path, content: bytes) -> None:
    """Write all or nothing: an interrupted run leaves no partial file under this name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.models.fetch", description=__doc__)
    parser.add_argument(
        "--pack",
        action="append",
        default=[],
        help="fetch the models of this pack only; may be repeated",
    )
    parser.add_argument("--no-photos", action="store_true", help="fetch models only")
    parser.add_argument("--models-dir", type=Path, default=MODELS)
    parser.add_argument("--photos-dir", type=Path, default=PHOTOS)
    parser.add_argument(
        "--node-modules",
        type=Path,
        default=CHECKOUT / "node_modules",
        help="take npm packages from here if they are installed, else download them alone",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
