"""Rewrites the fetched ONNX graphs: same answers, faster, for pictures of any size.

Each file is prepared once, when it is fetched, with the steps that the manifest lists. The manifest
pins the fetched file and the prepared one, so a step must give the same bytes on every machine:
sums run in a fixed order (`graphs.product`). If you change a step, `make fetch` tells you the new
checksum, and tests/vision/test_prepared.py compares the new model's answers with the original's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import onnx

from tools.models.prepare.activations import rewrite_prelu
from tools.models.prepare.channels import drop_dead_channels
from tools.models.prepare.quantized import dequantize
from tools.models.prepare.sizes import cut_priors, free_batch, free_picture, free_size
from tools.models.prepare.weights import flush_denormals, project

Step = str | Mapping[str, str]
"""The name of a step, or a table with its name under `step` and its arguments."""

STEPS: dict[str, Callable[..., None]] = {
    "cut_priors": cut_priors,
    "dequantize": dequantize,
    "drop_dead_channels": drop_dead_channels,
    "flush_denormals": flush_denormals,
    "free_batch": free_batch,
    "free_picture": free_picture,
    "free_size": free_size,
    "project": project,
    "rewrite_prelu": rewrite_prelu,
}


def prepare(model: bytes, steps: Iterable[Step]) -> bytes:
    """The same steps on the same file give the same bytes."""
    graph = onnx.load_model_from_string(model)
    for step in steps:
        arguments = {"step": step} if isinstance(step, str) else dict(step)
        STEPS[arguments.pop("step")](graph, **arguments)
    onnx.checker.check_model(graph, full_check=True)
    prepared: bytes = graph.SerializeToString(deterministic=True)
    return prepared
