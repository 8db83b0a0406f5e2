"""Reads a model pack from the manifest, `manifest.toml`, or from an owner's directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from semblance.embedding.codec import Codec
from semblance.vision.packs import manifest as manifests
from semblance.vision.packs.manifest import MANIFEST, Manifest, Table
from semblance.vision.packs.specs import (
    AcceptRule,
    Branch,
    DetectorSpec,
    EmbedderSpec,
    FaceRule,
    Knots,
    ModelFile,
    ModelPack,
    NetSpec,
    PackError,
    QualityLevel,
    QuickLook,
    Rescue,
    Turned,
)


def load_pack(pack: str, models_dir: Path, manifest: Path = MANIFEST) -> ModelPack:
    """`pack`: a name in the manifest, or the path of an owner's pack directory, whose own manifest
    is laid over that one. Reads no weights: the engine opens them when it needs them. Raises
    PackError."""
    name, found = _opened(pack, models_dir, manifest)
    table, files = found.tables, found.files
    if name not in table["packs"]:
        raise PackError(f"no model pack {name!r}: {', '.join(sorted(table['packs']))}")
    parts = table["packs"][name]
    networks = {network: _net(entry, files) for network, entry in table["networks"].items()}
    judge = table["judges"][parts["judge"]]
    quality = table["quality"][parts["quality"]]
    return ModelPack(
        name=name,
        detector=_detector(table["detectors"][parts["detector"]], judge["norms"], files),
        landmarks=_net(table["landmarks"][parts["landmarks"]], files),
        eyes=_net(table["eyes"][parts["eyes"]], files),
        judge=networks[judge["network"]],
        embedder=_embedder(parts["embedder"], found, networks),
        quality={level: _quality_level(entry, judge["norms"]) for level, entry in quality.items()},
    )


def load_codecs(manifest: Path = MANIFEST, *, pack: str = "") -> dict[str, Codec]:
    """The codecs of all embedders by model id, also of those that the deployment does not run: a
    table keeps the collections of every embedder that it was filled with. `pack`: the deployment's,
    whose directory may name more."""
    _, found = _opened(pack, Path(), manifest)
    codecs = map(_codec, found.tables["embedders"].values())
    return {codec.model_id: codec for codec in codecs}


def _opened(pack: str, models_dir: Path, manifest: Path) -> tuple[str, Manifest]:
    built_in = manifests.read(manifest, models_dir)
    directory = manifests.directory(pack)
    if directory is None:
        return pack, built_in
    name, own = manifests.read_own(directory)
    return name, own.laid_over(built_in)


def _detector(table: Table, norms: Table, files: Mapping[str, ModelFile]) -> DetectorSpec:
    return DetectorSpec(
        kind=table["kind"],
        net=_net(table, files),
        long_sides=tuple(table["long_sides"]),
        enlarge=table["enlarge"],
        quick_look=QuickLook(**_with_sides(table["quick_look"])),
        min_score=table["min_score"],
        nms_iou=table["nms_iou"],
        box=table["box"],
        confidence=_knots(table["confidence"]),
        accept=tuple(AcceptRule(**_with_norm(rule, norms)) for rule in table["accept"]),
        rescue=Rescue(**_with_norm(table["rescue"], norms)),
        turned=_turned(table["turned"], norms),
    )


def _embedder(name: str, found: Manifest, networks: Mapping[str, NetSpec]) -> EmbedderSpec:
    table = found.tables["embedders"][name]
    basis = table.get("basis")
    return EmbedderSpec(
        branches=tuple(
            Branch(networks[branch["network"]], branch["weight"]) for branch in table["branches"]
        ),
        basis=ModelFile(found.bases[name] / basis["file"], basis["sha256"]) if basis else None,
        codec=_codec(table),
        calibration=_knots(table["calibration"]),
        memory_mib=table.get("memory_mib", 0),
    )


def _codec(embedder: Table) -> Codec:
    return Codec(model_id=embedder["model_id"], **embedder["codec"])


def _quality_level(table: Table, norms: Table) -> QualityLevel:
    brightness = table.get("brightness")
    limits = (brightness[0], brightness[1]) if brightness else None
    faces = tuple(FaceRule(**_with_norm(rule, norms)) for rule in table["faces"])
    return QualityLevel(**{**table, "faces": faces, "brightness": limits})


def _turned(table: Table, norms: Table) -> Turned:
    return Turned(
        quarters=tuple(table["quarters"]),
        long_sides=tuple(table["long_sides"]),
        norm=norms[table["norm"]],
    )


def _with_sides(table: Table) -> dict[str, Any]:
    return {**table, "long_sides": tuple(table["long_sides"])}


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
