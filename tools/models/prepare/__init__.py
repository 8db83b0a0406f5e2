"""Surgery on the fetched ONNX graphs: same answers, sooner, for pictures of any size.

Done once when the models are fetched; the manifest lists each file's steps, whoever changes what a
step does raises RECIPE in tools/fetch.py. What goes in is pinned by checksum; what comes out may be
serialised differently by another onnx release, so its checksum is recorded, not pinned, and
tests/vision/test_prepared.py compares what it says with the file that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import onnx

from tools.models.prepare.activations import rewrite_prelu
from tools.models.prepare.channels import drop_dead_channels
from tools.models.prepare.sizes import cut_priors, free_batch, free_size
from tools.models.prepare.weights import flush_denormals, project

Step = str | Mapping[str, Any]
"""A step's name, or a table: its name as `step`, the rest are its arguments."""

STEPS: dict[str, Callable[..., None]] = {
    "cut_priors": cut_priors,
    "drop_dead_channels": drop_dead_channels,
    "flush_denormals": flush_denormals,
    "free_batch": free_batch,
    "free_size": free_size,
    "project": project,
    "rewrite_prelu": rewrite_prelu,
}


def prepare(model: bytes, steps: Iterable[Step]) -> bytes:
    """The same steps on the same file give the same bytes, on one machine."""
    graph = onnx.load_model_from_string(model)
    for step in steps:
        arguments = {"step": step} if isinstance(step, str) else dict(step)
        STEPS[arguments.pop("step")](graph, **arguments)
    onnx.checker.check_model(graph, full_check=True)
    prepared: bytes = graph.SerializeToString(deterministic=True)
    return prepared
