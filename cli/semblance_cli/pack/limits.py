"""What a function can bear: the time, the memory and the size of an owner's network against the
limits of AWS Lambda and the defaults of a deployment."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from semblance.vision.network import Network
from semblance.vision.packs.specs import ModelPack
from semblance_cli.pack.candidate import Candidate, Input
from semblance_cli.pack.making import Space
from semblance_cli.pack.photos import Face

LARGEST_IMAGE_BYTES = 10 * 2**30
"""AWS Lambda's limit for the image of a function, uncompressed."""
LARGEST_MEMORY_MIB = 10_240
"""AWS Lambda's limit."""
MEMORY_MIB, TIMEOUT_SECONDS, PHOTO_SECONDS = 3008, 29, 10
"""Defaults of a deployment (infra/config.py), and the worker's time for a photo."""
KEPT_FREE_MIB = 768
"""That a function keeps for Python, the models of a built-in pack and a picture
(functions/runtime/memory.py)."""
_BUILT_IN_MIB = 137
"""Measured in the same way: SFace, which is not loaded beside an owner's network."""
MOST_FACES = 100
"""That IndexFaces stores of one photo."""
_RUNS = 12
_ANY_INPUT = Input("RGB", 127.5, 127.5)
"""A network takes as long with any."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Measured on this machine, on one thread."""

    file_bytes: int
    memory_bytes: int
    """The process grows by this when it loads the network and runs it once."""
    load_seconds: float
    face_seconds: float
    """CPU time of one face."""


def warm_up(base: ModelPack) -> None:
    """Loads the libraries that run a network, which are not of any network's weight."""
    Network(base.eyes, threads=1)


def peak_bytes() -> int:
    """Of this process, so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def weigh(candidate: Candidate, faces: Sequence[Face], memory_bytes: int) -> Weight:
    started = time.perf_counter()
    network = candidate.network(_ANY_INPUT)
    load_seconds = time.perf_counter() - started
    times = []
    for face in list(faces[: _RUNS + 1]):
        before = time.thread_time()
        network.run(face.crop)
        times.append(time.thread_time() - before)
    # The first run allocates its memory. The others are slow only when the machine is busy.
    return Weight(
        candidate.size_bytes, memory_bytes, load_seconds, sorted(times[1:])[len(times) // 3]
    )


def refusals(weight: Weight) -> list[str]:
    """Why no function can bear it; empty when one can."""
    found = []
    if weight.file_bytes >= LARGEST_IMAGE_BYTES:
        found.append(
            f"its {weight.file_bytes / 2**30:.1f} GiB do not fit into the image of a function, "
            f"which AWS limits to {LARGEST_IMAGE_BYTES >> 30} GiB"
        )
    if memory_mib(weight) > LARGEST_MEMORY_MIB:
        found.append(
            f"it needs {weight.memory_bytes >> 20:,} MiB of memory, and the largest function has "
            f"{LARGEST_MEMORY_MIB:,} MiB"
        )
    if 10 * weight.face_seconds > TIMEOUT_SECONDS:
        found.append(
            f"a face takes {weight.face_seconds:.1f} s, so that ten of one photo do not end within "
            f"the {TIMEOUT_SECONDS} s of a call"
        )
    return found


def warnings(weight: Weight, own: Space) -> list[str]:
    """What it costs a deployment with the default settings, and how to change them."""
    size, found = own.codec.size, []
    if MOST_FACES * weight.face_seconds > PHOTO_SECONDS:
        fitting = int(PHOTO_SECONDS / weight.face_seconds)
        found.append(
            f"A face takes {weight.face_seconds * 1000:.0f} ms of one core, so {fitting} faces of "
            f"a photo fit into the {PHOTO_SECONDS} s that the worker has for it. For photos of up "
            f"to {MOST_FACES} faces, raise worker_timeout_seconds and worker_memory_mib."
        )
    if memory_mib(weight) > MEMORY_MIB // 2:
        found.append(
            f"The network takes {weight.memory_bytes >> 20:,} MiB, so that a function needs more "
            "than half of its default memory for models: deploy with api_memory_mib and "
            f"worker_memory_mib of {min(LARGEST_MEMORY_MIB, MEMORY_MIB + more_mib(weight)):,} or "
            "more."
        )
    if weight.load_seconds > 2:
        found.append(
            f"Loading takes {weight.load_seconds:.1f} s, which every cold start adds to a call."
        )
    if size > 200:
        found.append(
            f"{size} numbers make a stored face larger than 1 KB, when its ids are long: storing "
            "it then costs two write units of DynamoDB in place of one."
        )
    return found


def more_mib(weight: Weight) -> int:
    """Memory beyond that of the built-in packs."""
    return max(0, (weight.memory_bytes >> 20) - _BUILT_IN_MIB)


def memory_mib(weight: Weight) -> int:
    """That a function needs before it holds any collection."""
    return KEPT_FREE_MIB + more_mib(weight)
