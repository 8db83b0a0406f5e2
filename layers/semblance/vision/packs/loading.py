"""Reads a model pack from the manifest, `manifest.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semblance.embedding.codec import Codec
from semblance.vision.packs.specs import (
    AcceptRule,
    DetectorSpec,
    EmbedderSpec,
    Knots,
    ModelFile,
    ModelPack,
    NetSpec,
    PackError,
    QualityLevel,
    QuickLook,
    Rescue,
)

MANIFEST = Path(__file__).parent / "manifest.toml"


def load_pack(name: str, models_dir: Path, manifest: Path = MANIFEST) -> ModelPack:
    """Reads the manifest only; the engine opens the weights when it needs them. Raises PackError
    for an unknown name."""
    table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    if name not in table["packs"]:
        raise PackError(f"no model pack {name!r}: {', '.join(sorted(table['packs']))}")
    pack = table["packs"][name]
    files = {
        file: ModelFile(models_dir / file, entry["sha256"])
        for file, entry in table["files"].items()
    }
    return ModelPack(
        name=name,
        detector=_detector(pack["detector"], files),
        landmarks=_net(table["landmarks"][pack["landmarks"]], files),
        eyes=_net(table["eyes"][pack["eyes"]], files),
        embedder=_embedder(table["embedders"][pack["embedder"]], files),
        quality={
            level: _quality_level(entry)
            for level, entry in table["quality"][pack["quality"]].items()
        },
    )


def load_codecs(manifest: Path = MANIFEST) -> dict[str, Codec]:
    """The codecs of all embedders by model id, also of those that the deployment does not run: a
    table keeps the collections of every embedder that it was filled with."""
    table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    codecs = map(_codec, table["embedders"].values())
    return {codec.model_id: codec for codec in codecs}


def _detector(table: dict[str, Any], files: Mapping[str, ModelFile]) -> DetectorSpec:
    return DetectorSpec(
        kind=table["kind"],
        net=_net(table, files),
        long_sides=tuple(table["long_sides"]),
        quick_look=_quick_look(table.get("quick_look")),
        min_score=table["min_score"],
        nms_iou=table["nms_iou"],
        confidence=_knots(table["confidence"]),
        rescue=Rescue(**table["rescue"]),
        turned_norm=table["turned_norm"],
        accept=tuple(AcceptRule(**rule) for rule in table.get("accept", ())),
    )


def _quick_look(table: dict[str, Any] | None) -> QuickLook | None:
    return QuickLook(**{**table, "long_sides": tuple(table["long_sides"])}) if table else None


def _embedder(table: dict[str, Any], files: Mapping[str, ModelFile]) -> EmbedderSpec:
    return EmbedderSpec(
        net=_net(table, files),
        codec=_codec(table),
        calibration=_knots(table["calibration"]),
    )


def _codec(embedder: dict[str, Any]) -> Codec:
    return Codec(model_id=embedder["model_id"], **embedder["codec"])


def _quality_level(table: dict[str, Any]) -> QualityLevel:
    brightness = table.get("brightness")
    limits = (brightness[0], brightness[1]) if brightness else None
    return QualityLevel(**{**table, "brightness": limits})


def _net(table: dict[str, Any], files: Mapping[str, ModelFile]) -> NetSpec:
    return NetSpec(
        file=files[table["file"]],
        mean=table["mean"],
        scale=table["scale"],
        channels=table.get("channels", "RGB"),
    )


def _knots(rows: list[list[float]]) -> Knots:
    return tuple((x, y) for x, y in rows)
