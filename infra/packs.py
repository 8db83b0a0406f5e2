"""The model packs there are and what they consist of, from the manifest that they come with."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parents[1] / "layers/semblance/vision/packs/manifest.toml"


def names() -> list[str]:
    return sorted(_manifest()["packs"])


def files(pack: str) -> dict[str, str]:
    """Names of a pack's weight files, and the SHA-256 of what each was made from."""
    return {name: _manifest()["files"][name]["sha256"] for name in _file_names(pack)}


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
