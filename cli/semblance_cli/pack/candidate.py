"""The owner's network: a file that takes an aligned face and gives one vector."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semblance.vision.face.align import ALIGNED_PX
from semblance.vision.network import Network
from semblance.vision.packs.specs import ModelFile, NetSpec, PackError
from semblance_cli.problems import CommandError

FEWEST_NUMBERS, MOST_NUMBERS = 32, 2048


@dataclass(frozen=True, slots=True)
class Input:
    """Channel order and normalisation of a network's input: (x - mean) / scale."""

    channels: str
    mean: float
    scale: float

    def __str__(self) -> str:
        centred = f"(x - {self.mean:g})" if self.mean else "x"
        return f"{self.channels}, {centred} / {self.scale:g}"


@dataclass(frozen=True, slots=True)
class Candidate:
    file: ModelFile
    size_bytes: int
    numbers: int
    """Of its output."""

    def network(self, given: Input) -> Network:
        spec = NetSpec(self.file, given.mean, given.scale, given.channels)
        return Network(spec, threads=1)


def examine(path: Path) -> Candidate:
    """Opens the network and runs it once. Raises CommandError unless it is of the kind that a pack
    can use."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    file = ModelFile(path, hashlib.sha256(content).hexdigest())
    size_bytes = len(content)
    del content
    try:
        network = Network(NetSpec(file, 127.5, 127.5), threads=1)
    except PackError as error:
        raise CommandError(
            f"{error}. Save it as one ONNX file that holds its weights too."
        ) from error
    _refuse_inputs(path, network.input_shapes)
    return Candidate(file, size_bytes, _numbers(path, network))


def _refuse_inputs(path: Path, shapes: list[list[int | str | None]]) -> None:
    if len(shapes) != 1:
        raise CommandError(f"{path} has {len(shapes)} inputs: an embedder takes one, the face.")
    (shape,) = shapes
    shown = "x".join(map(str, shape))
    wanted = f"1 or any number x 3 x {ALIGNED_PX} x {ALIGNED_PX}"
    if len(shape) != 4:
        raise CommandError(f"{path} takes {shown}: an embedder takes {wanted}.")
    if shape[3] == 3:
        raise CommandError(
            f"{path} takes {shown}, with the channels last (NHWC): export it with the channels "
            f"first, {wanted}."
        )
    if isinstance(shape[0], int) and shape[0] != 1:
        raise CommandError(
            f"{path} takes {shape[0]} faces at once: export it for 1, or for any number."
        )
    for each, size in zip(shape[1:], (3, ALIGNED_PX, ALIGNED_PX), strict=True):
        if isinstance(each, int) and each != size:
            raise CommandError(
                f"{path} takes {shown}: an embedder of aligned faces takes {wanted}."
            )


def _numbers(path: Path, network: Network) -> int:
    """Of the vector that it gives for one face."""
    gray = np.full((ALIGNED_PX, ALIGNED_PX, 3), 127, np.uint8)
    shape = network.run(gray)[0].shape
    if len(shape) != 2 or shape[0] != 1:
        raise CommandError(
            f"{path} gives {'x'.join(map(str, shape))} for one face: its first output has to be "
            "one vector, 1 x N."
        )
    if not FEWEST_NUMBERS <= shape[1] <= MOST_NUMBERS:
        raise CommandError(
            f"{path} gives {shape[1]} numbers a face: a pack takes {FEWEST_NUMBERS} to "
            f"{MOST_NUMBERS:,}."
        )
    return int(shape[1])
