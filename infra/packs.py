"""The model packs there are and what they consist of, from the manifest that they come with."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

MANIFEST = Path(__file__).parents[1] / "layers/semblance/vision/packs/manifest.toml"


def names() -> list[str]:
    return sorted(_manifest()["packs"])


def files(pack: str) -> dict[str, str]:
    """Names of a pack's weight files, and the SHA-256 of what each was made from."""
    return {name: _manifest()["files"][name]["sha256"] for name in _file_names(pack)}


class Weights(NamedTuple):
    """A file of weights and where it comes from."""

    name: str
    about: str
    registry: str
    """`npm` or `pypi`."""
    package: str
    version: str
    path: str
    """In the package."""
    sha256: str
    """As it is there, before anything is made of it."""
    licence: str
    prepared: tuple[str, ...]
    """The steps that make the file that is deployed."""
    packs: tuple[str, ...]
    """Those that it belongs to."""


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
        licence=entry["licence"],
        prepared=tuple(steps),
        packs=tuple(pack for pack in names() if name in _file_names(pack)),
    )


def licence(pack: str) -> str:
    """Of all weights that the pack consists of."""
    entries = _manifest()["files"]
    return "; ".join(f"{name}: {entries[name]['licence']}" for name in _file_names(pack))


def _file_names(pack: str) -> list[str]:
    parts = _manifest()["packs"][pack]
    return [
        parts["detector"]["file"],
        _manifest()["landmarks"][parts["landmarks"]]["file"],
        _manifest()["eyes"][parts["eyes"]]["file"],
        _manifest()["embedders"][parts["embedder"]]["file"],
    ]


@cache
def _manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
