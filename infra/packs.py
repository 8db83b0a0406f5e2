"""The model packs there are and what they are licensed under, from the manifest they come with."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parents[1] / "layers/semblance/vision/packs/manifest.toml"


def names() -> list[str]:
    return sorted(_manifest()["packs"])


def licence(pack: str) -> str:
    """Of all weights that the pack is made of."""
    manifest = _manifest()
    parts = manifest["packs"][pack]
    files = [
        parts["detector"]["file"],
        manifest["landmarks"][parts["landmarks"]]["file"],
        manifest["embedders"][parts["embedder"]]["file"],
    ]
    return "; ".join(
        dict.fromkeys(f"{file}: {manifest['files'][file]['licence']}" for file in files)
    )


@cache
def _manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text())
