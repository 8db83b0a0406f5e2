"""The model packs and their weight files, read from the manifest in `semblance.vision.packs`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST = Path(__file__).parents[1] / "layers/semblance/vision/packs/manifest.toml"


def names() -> list[str]:
    return sorted(_manifest()["packs"])


def files(pack: str) -> dict[str, str]:
    """A pack's weight files, name to the SHA-256 of the prepared file."""
    return {name: _manifest()["files"][name]["prepared_sha256"] for name in _file_names(pack)}


class Pack(NamedTuple):
    """A pack, by the names of its parts."""

    name: str
    detector: str
    embedder: str
    licences: tuple[str, ...]
    """Of its files, each once."""


def packs() -> list[Pack]:
    return [_pack(name, parts) for name, parts in _manifest()["packs"].items()]


def _pack(name: str, parts: dict[str, str]) -> Pack:
    entries = _manifest()["files"]
    licences = dict.fromkeys(entries[file]["licence"] for file in _file_names(name))
    return Pack(name, parts["detector"], parts["embedder"], tuple(licences))


class Weights(NamedTuple):
    """A weight file and its origin."""

    name: str
    about: str
    registry: str
    """`npm` or `pypi`."""
    package: str
    version: str
    path: str
    """Inside the package."""
    sha256: str
    """Of the upstream file, before it is prepared."""
    prepared_sha256: str
    licence: str
    prepared: tuple[str, ...]
    """The steps that turn the upstream file into the deployed one."""
    packs: tuple[str, ...]
    """Names of the packs that use it."""


def weights() -> list[Weights]:
    return [_weights(name, entry) for name, entry in _manifest()["files"].items()]


def _weights(name: str, entry: dict[str, Any]) -> Weights:
    source = _manifest()["sources"][entry["source"]]
    steps = [each if isinstance(each, str) else each["step"] for each in entry.get("prepare", ())]
    return Weights(
        name=name,
        about=entry["about"],
        registry=source["registry"],
        package=source["package"],
        version=source["version"],
        path=entry["path"],
        sha256=entry["sha256"],
        prepared_sha256=entry["prepared_sha256"],
        licence=entry["licence"],
        prepared=tuple(steps),
        packs=tuple(pack for pack in names() if name in _file_names(pack)),
    )


def licence(pack: str) -> str:
    """The licence of each weight file of the pack, in one line."""
    entries = _manifest()["files"]
    return "; ".join(f"{name}: {entries[name]['licence']}" for name in _file_names(pack))


def _file_names(pack: str) -> list[str]:
    """In the order in which a picture meets them, each once: the judge may be a branch too."""
    table, parts = _manifest(), _manifest()["packs"][pack]
    branches = table["embedders"][parts["embedder"]]["branches"]
    networks = [table["judges"][parts["judge"]]["network"], *(each["network"] for each in branches)]
    names = [
        table["detectors"][parts["detector"]]["file"],
        table["landmarks"][parts["landmarks"]]["file"],
        table["eyes"][parts["eyes"]]["file"],
        *(table["networks"][network]["file"] for network in networks),
    ]
    return list(dict.fromkeys(names))


@cache
def _manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
