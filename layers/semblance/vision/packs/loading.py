"""Model packs: which weights, which thresholds, which scale. Data, read from one manifest."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semblance.embedding.codec import Codec

MANIFEST = Path(__file__).parent / "manifest.toml"
PREPARED_INDEX = "prepared.json"
"""In the models directory: file name to the SHA-256 of what was fetched and of what is there."""

Knots = tuple[tuple[float, float], ...]
"""A piecewise linear curve."""


class PackError(Exception):
    """The pack's data or files are not what the manifest says. A fault of the deployment."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that is read once and never trusted: the checksum is compared on every read."""

    path: Path
    upstream_sha256: str

    def read(self) -> bytes:
        entry = _prepared_entry(self.path)
        if entry.get("upstream") != self.upstream_sha256:
            raise PackError(
                f"{self.path} was prepared from another file than the manifest names: "
                "run `make fetch`"
            )
        return _read_checked(self.path, entry["prepared"])


@dataclass(frozen=True, slots=True)
class NetSpec:
    """A network and what its input wants: (x - mean) / scale, in this order of channels."""

    file: ModelFile
    mean: float
    scale: float
    channels: str = "RGB"


@dataclass(frozen=True, slots=True)
class AcceptRule:
    score: float
    norm: float
    shift: float


@dataclass(frozen=True, slots=True)
class Rescue:
    """When a face is also looked for on its side. `side` is for kinds that detect again."""

    score: float
    norm: float
    side: int = 0


@dataclass(frozen=True, slots=True)
class QuickLook:
    """Passes that show a picture's largest face, if it is as high as this on the first of them
    and has this score."""

    long_sides: tuple[int, ...]
    min_height_px: float
    score: float


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    kind: str
    net: NetSpec
    long_sides: tuple[int, ...]
    min_score: float
    nms_iou: float
    confidence: Knots
    rescue: Rescue
    turned_norm: float
    """What the embedding of a face must reach that is found in the turned picture alone."""
    accept: tuple[AcceptRule, ...] = ()
    quick_look: QuickLook | None = None


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    net: NetSpec
    codec: Codec
    calibration: Knots


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """What a face must reach to be kept."""

    norm: float
    sharpness: float
    height_px: float
    confidence: float
    yaw_proxy: float | None = None
    brightness: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ModelPack:
    name: str
    detector: DetectorSpec
    landmarks: NetSpec
    eyes: NetSpec
    embedder: EmbedderSpec
    quality: Mapping[str, QualityLevel]


def load_pack(name: str, models_dir: Path, manifest: Path = MANIFEST) -> ModelPack:
    """Reads the manifest alone; the weights are opened when the engine needs them."""
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


def _read_checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise PackError(f"{path} is missing: run `make fetch`") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise PackError(f"{path} has SHA-256 {found}, not {sha256}: refused")
    return content


def _prepared_entry(path: Path) -> dict[str, str]:
    try:
        index = json.loads((path.parent / PREPARED_INDEX).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PackError(f"no models in {path.parent}: run `make fetch`") from error
    entry: dict[str, str] = index.get(path.name, {})
    return entry


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
        codec=Codec(model_id=table["model_id"], **table["codec"]),
        calibration=_knots(table["calibration"]),
    )


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
