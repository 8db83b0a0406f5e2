"""Reads a model pack from the manifest, `manifest.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semblance.embedding.codec import Codec
from semblance.vision.packs.specs import (
    AcceptRule,
    Branch,
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

Table = Mapping[str, Any]


def load_pack(name: str, models_dir: Path, manifest: Path = MANIFEST) -> ModelPack:
    """Reads the manifest only; the engine opens the weights when it needs them. A basis lies beside
    the manifest. Raises PackError for an unknown name."""
    table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    if name not in table["packs"]:
        raise PackError(f"no model pack {name!r}: {', '.join(sorted(table['packs']))}")
    pack = table["packs"][name]
    files = {
        file: ModelFile(models_dir / file, entry["prepared_sha256"])
        for file, entry in table["files"].items()
    }
    networks = {network: _net(entry, files) for network, entry in table["networks"].items()}
    judge = table["judges"][pack["judge"]]
    quality = table["quality"][pack["quality"]]
    return ModelPack(
        name=name,
        detector=_detector(table["detectors"][pack["detector"]], judge["norms"], files),
        landmarks=_net(table["landmarks"][pack["landmarks"]], files),
        eyes=_net(table["eyes"][pack["eyes"]], files),
        judge=networks[judge["network"]],
        embedder=_embedder(table["embedders"][pack["embedder"]], networks, manifest.parent),
        quality={level: _quality_level(entry, judge["norms"]) for level, entry in quality.items()},
    )


def load_codecs(manifest: Path = MANIFEST) -> dict[str, Codec]:
    """The codecs of all embedders by model id, also of those that the deployment does not run: a
    table keeps the collections of every embedder that it was filled with."""
    table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    codecs = map(_codec, table["embedders"].values())
    return {codec.model_id: codec for codec in codecs}


def _detector(table: Table, norms: Table, files: Mapping[str, ModelFile]) -> DetectorSpec:
    return DetectorSpec(
        kind=table["kind"],
        net=_net(table, files),
        long_sides=tuple(table["long_sides"]),
        quick_look=_quick_look(table.get("quick_look")),
        min_score=table["min_score"],
        nms_iou=table["nms_iou"],
        confidence=_knots(table["confidence"]),
        rescue=Rescue(**_with_norm(table["rescue"], norms)),
        turned_norm=norms[table["turned_norm"]],
        accept=tuple(AcceptRule(**_with_norm(rule, norms)) for rule in table.get("accept", ())),
    )


def _quick_look(table: Table | None) -> QuickLook | None:
    return QuickLook(**{**table, "long_sides": tuple(table["long_sides"])}) if table else None


def _embedder(table: Table, networks: Mapping[str, NetSpec], beside: Path) -> EmbedderSpec:
    basis = table.get("basis")
    return EmbedderSpec(
        branches=tuple(
            Branch(networks[branch["network"]], branch["weight"]) for branch in table["branches"]
        ),
        basis=ModelFile(beside / basis["file"], basis["sha256"]) if basis else None,
        codec=_codec(table),
        calibration=_knots(table["calibration"]),
    )


def _codec(embedder: Table) -> Codec:
    return Codec(model_id=embedder["model_id"], **embedder["codec"])


def _quality_level(table: Table, norms: Table) -> QualityLevel:
    brightness = table.get("brightness")
    limits = (brightness[0], brightness[1]) if brightness else None
    return QualityLevel(**{**_with_norm(table, norms), "brightness": limits})


def _with_norm(table: Table, norms: Table) -> dict[str, Any]:
    """The table with the number of the judge's norm that it names."""
    return {**table, "norm": norms[table["norm"]]}


def _net(table: Table, files: Mapping[str, ModelFile]) -> NetSpec:
    return NetSpec(
        file=files[table["file"]],
        mean=table["mean"],
        scale=table["scale"],
        channels=table.get("channels", "RGB"),
    )


def _knots(rows: list[list[float]]) -> Knots:
    return tuple((x, y) for x, y in rows)
