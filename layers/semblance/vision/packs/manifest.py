"""Manifests: the built-in one, and an owner's, which is laid over it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semblance.vision.packs.specs import ModelFile, PackError

MANIFEST = Path(__file__).with_name("manifest.toml")

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    tables: Table
    files: Mapping[str, ModelFile]
    """Weight files by name."""
    bases: Mapping[str, Path]
    """Embedders by name to the directory that their basis lies in."""

    def laid_over(self, below: Manifest) -> Manifest:
        """Raises PackError when both have an entry of one name."""
        kinds = below.tables.keys() | self.tables.keys()
        return Manifest(
            {kind: _joined(kind, below, self) for kind in kinds},
            {**below.files, **self.files},
            {**below.bases, **self.bases},
        )


def read(manifest: Path, models_dir: Path) -> Manifest:
    """`models_dir`: the directory of its weight files. Bases lie beside the manifest."""
    try:
        tables = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackError(f"{manifest} is missing: this is no model pack") from error
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{manifest} is no TOML: {error}") from error
    files = {
        name: ModelFile(models_dir / name, entry["prepared_sha256"])
        for name, entry in tables.get("files", {}).items()
    }
    return Manifest(tables, files, dict.fromkeys(tables.get("embedders", {}), manifest.parent))


def directory(pack: str) -> Path | None:
    """Of an owner's pack, which is named by its path. Built-in packs have names without a slash."""
    return Path(pack) if "/" in pack else None


def read_own(directory: Path) -> tuple[str, Manifest]:
    """The name of the one pack in an owner's directory, and its manifest: all its files lie in the
    directory. Raises PackError."""
    own = read(directory / MANIFEST.name, directory)
    names = list(own.tables.get("packs", {}))
    if len(names) != 1:
        raise PackError(f"{directory} has {len(names)} packs in its manifest, and not one")
    return names[0], own


def _joined(kind: str, below: Manifest, above: Manifest) -> Table:
    one, other = below.tables.get(kind, {}), above.tables.get(kind, {})
    if twice := sorted(one.keys() & other.keys()):
        raise PackError(f"{kind} of the pack have names that are taken: {', '.join(twice)}")
    return {**one, **other}
