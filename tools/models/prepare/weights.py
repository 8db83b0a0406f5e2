"""Rewrites weights: flushes those too small to matter, and projects those of low rank."""

from __future__ import annotations

import io

import numpy as np
from onnx import ModelProto, TensorProto

from semblance.vision.packs.manifest import MANIFEST
from tools.models.archives import check
from tools.models.prepare.graphs import Wiring, expect, forget_unused, product

SMALLEST_WEIGHT = 1e-12


def flush_denormals(model: ModelProto) -> None:
    """Set weights too small to matter to zero: as denormals they cost 50 ms a face on some x86.

    Variances stay, because the network divides by them."""
    wiring = Wiring(model.graph)
    variances = {node.input[4] for node in model.graph.node if node.op_type == "BatchNormalization"}
    for name, tensor in wiring.constants.items():
        if tensor.data_type != TensorProto.FLOAT or name in variances:
            continue
        weights = wiring.read(name).copy()
        weights[np.abs(weights) < SMALLEST_WEIGHT] = 0
        wiring.write(name, weights)


def project(model: ModelProto, *, basis: str, sha256: str) -> None:
    """Make the last layer answer in `basis`, a file beside the manifest: (old size, new size).

    Never compute the basis again: singular vectors differ in sign from machine to machine, and
    stored faces would no longer match."""
    graph = model.graph
    content = (MANIFEST.parent / basis).read_bytes()
    check(content, sha256, basis)
    onto = np.load(io.BytesIO(content)).astype(np.float64)
    wiring = Wiring(graph)
    reshape = expect(wiring.maker(graph.output[0].name), "Reshape")
    layer = expect(wiring.maker(reshape.input[0]), "Conv")
    _, weights, bias = layer.input
    rows = wiring.read(weights).transpose(2, 3, 1, 0)
    wiring.write(weights, product(rows, onto).transpose(3, 2, 0, 1))
    wiring.write(bias, product(wiring.read(bias), onto))
    wiring.write(reshape.input[1], np.array([1, onto.shape[1]]))
    graph.output[0].type.tensor_type.shape.dim[1].dim_value = onto.shape[1]
    forget_unused(graph)
