"""The pack directory: a manifest with the parts that differ from the built-in one, the network, the
basis, and a report without any name."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semblance.vision.packs.manifest import MANIFEST, read_own
from semblance.vision.packs.specs import Knots
from semblance_cli.pack.candidate import Candidate
from semblance_cli.pack.making import Space, file_of
from semblance_cli.pack.record import Json
from semblance_cli.problems import CommandError

REPORT = "report.json"
_TEMPLATE = """\
# Written by `semblance pack add`. Laid over Semblance's own manifest, which has the parts that are
# named here and not defined.

[files.{file}]
about = {about}
sha256 = "{sha256}"
licence = {licence}
prepared_sha256 = "{sha256}" # taken as it is

[networks.{name}]
file = {file}
channels = "{channels}"
mean = {mean}
scale = {scale}

[embedders.{name}]
model_id = "{model_id}"
branches = [{{ network = "{name}", weight = 1.0 }}]
# Never compute it again: stored faces would no longer match.
basis = {{ file = "{basis}", sha256 = "{basis_sha256}" }}
codec = {{ size = {size}, largest = {largest}, margin = {margin} }}
memory_mib = {memory_mib} # beyond the built-in embedders
calibration = [
{knots}
]

[packs.{name}]
detector = "{detector}"
landmarks = "{landmarks}"
eyes = "{eyes}"
judge = "{judge}" # judges faces: the rules that read a norm stay valid
embedder = "{name}"
quality = "{quality}"
"""


@dataclass(frozen=True, slots=True)
class Naming:
    name: str
    licence: str
    base: str
    """The built-in pack that the other parts come from."""


def base_names() -> list[str]:
    """Of the built-in packs."""
    return sorted(_built_in()["packs"])


def taken_names() -> set[str]:
    """Of anything in the built-in manifest that a pack could clash with."""
    tables = _built_in()
    kinds = ("files", "networks", "embedders", "packs")
    return {name.removesuffix(".onnx") for kind in kinds for name in tables[kind]}


def write(
    directory: Path,
    naming: Naming,
    candidate: Candidate,
    own: Space,
    knots: Knots,
    memory_mib: int,
    report: Json,
) -> None:
    """Whole or not at all. Raises CommandError when it cannot be written."""
    part = directory.with_name(f".{directory.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        shutil.copyfile(candidate.file.path, part / f"{naming.name}.onnx")
        (part / f"{naming.name}.npy").write_bytes(file_of(own.basis))
        manifest = _manifest(naming, candidate, own, knots, memory_mib)
        (part / MANIFEST.name).write_text(manifest, encoding="utf-8")
        (part / REPORT).write_text(f"{json.dumps(report, indent=1)}\n", encoding="utf-8")
        part.rename(directory)
    except OSError as error:
        raise CommandError(f"{directory} cannot be written: {error}") from error


def renew(directory: Path, own: Space, knots: Knots, report: Json) -> None:
    """The curve and the margin alone: the owner may have added to the manifest. Raises CommandError
    when it cannot be written."""
    manifest = directory / MANIFEST.name
    text = manifest.read_text(encoding="utf-8")
    curve = f"calibration = [\n{_rows(knots)}\n]"
    text = re.sub(r"calibration = \[\n.*?\n\]", curve, text, count=1, flags=re.DOTALL)
    text = re.sub(r"margin = [0-9.]+", f"margin = {own.codec.margin}", text, count=1)
    try:
        for path, content in (
            (manifest, text),
            (directory / REPORT, f"{json.dumps(report, indent=1)}\n"),
        ):
            part = path.with_name(f".{path.name}.part")
            part.write_text(content, encoding="utf-8")
            part.replace(path)
    except OSError as error:
        raise CommandError(f"{manifest} cannot be written: {error}") from error


def base_of(directory: Path) -> str:
    """The first built-in pack whose detector goes with the pack there."""
    name, own = read_own(directory)
    packs, detector = _built_in()["packs"], own.tables["packs"][name]["detector"]
    for base in base_names():
        if packs[base]["detector"] == detector:
            return base
    raise CommandError(f"The detector {detector} of {directory} is none of Semblance's.")


def _manifest(
    naming: Naming, candidate: Candidate, own: Space, knots: Knots, memory_mib: int
) -> str:
    parts = _built_in()["packs"][naming.base]
    return _TEMPLATE.format(
        name=naming.name,
        file=_text(f"{naming.name}.onnx"),
        about=_text(f"{candidate.file.path.name}: an embedder of your own"),
        sha256=candidate.file.sha256,
        licence=_text(naming.licence),
        channels=own.input.channels,
        mean=float(own.input.mean),
        scale=float(own.input.scale),
        model_id=own.codec.model_id,
        basis=f"{naming.name}.npy",
        basis_sha256=hashlib.sha256(file_of(own.basis)).hexdigest(),
        size=own.codec.size,
        largest=own.codec.largest,
        margin=own.codec.margin,
        memory_mib=memory_mib,
        knots=_rows(knots),
        **{kind: parts[kind] for kind in ("detector", "landmarks", "eyes", "judge", "quality")},
    )


def _rows(knots: Knots) -> str:
    return "\n".join(f"    [{cosine}, {similarity}]," for cosine, similarity in knots)


def _text(value: str) -> str:
    """A string of TOML, whose escapes are JSON's."""
    return json.dumps(value, ensure_ascii=False)


def _built_in() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
