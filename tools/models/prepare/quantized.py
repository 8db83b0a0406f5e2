"""Puts block-quantised weights back into float32, once, instead of at every start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto

from tools.models.prepare.graphs import (
    Weights,
    Wiring,
    add_constant,
    attribute,
    forget_unused,
    replace,
)


def dequantize(model: ModelProto) -> None:
    """Replace block-quantised weights by the float32 ones that they stand for.

    A DequantizeLinear on constants, and a Reshape of its result, are done here once."""
    graph = model.graph
    wiring = Wiring(graph)
    done: dict[str, Weights] = {}
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            done[node.output[0]] = _dequantized(node, wiring)
        elif node.op_type == "Reshape" and node.input[0] in done:
            done[node.output[0]] = done[node.input[0]].reshape(wiring.read(node.input[1]))
    replace(graph.node, [node for node in graph.node if node.output[0] not in done])
    for name, weights in done.items():
        add_constant(graph, name, weights)
    forget_unused(graph)
    _forget_constant_inputs(graph)


def _forget_constant_inputs(graph: GraphProto) -> None:
    """Old files list their constants as inputs too, and quantising left the names of those gone."""
    taken = {name for node in graph.node for name in node.input}
    given = taken - {tensor.name for tensor in graph.initializer}
    replace(graph.input, [value for value in graph.input if value.name in given])


def _dequantized(node: NodeProto, wiring: Wiring) -> Weights:
    """(code - zero point) x scale, where one scale holds for a block along the axis."""
    codes, scales, zeros = (wiring.read(name) for name in node.input)
    axis, size = attribute(node, "axis").i, attribute(node, "block_size").i

    def spread(values: NDArray[np.generic]) -> NDArray[np.float32]:
        each = np.repeat(values, size, axis=axis).astype(np.float32)
        return each.take(range(codes.shape[axis]), axis=axis)

    dequantized: Weights = (codes.astype(np.float32) - spread(zeros)) * spread(scales)
    return dequantized
