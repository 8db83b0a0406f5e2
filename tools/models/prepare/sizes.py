"""Frees sizes that a file fixes though its network does not: the batch and the picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto

from tools.models.prepare.graphs import Wiring, add_constant, forget_unused, replace

RFB_OUTPUTS = ("scores", "462")
"""Scores and box offsets, before the priors, whose constants hold for one input size only."""


def cut_priors(model: ModelProto) -> None:
    """RFB: end the graph before it decodes boxes, so that the input may have any size."""
    graph = model.graph
    replace(graph.node, _nodes_before(graph, RFB_OUTPUTS))
    outputs = [
        onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "priors", size])
        for name, size in zip(RFB_OUTPUTS, (2, 4), strict=True)
    ]
    replace(graph.output, outputs)
    _free_picture(graph)
    free_batch(model)


def free_size(model: ModelProto) -> None:
    """SCRFD: make each Resize double its input instead of naming a size."""
    graph = model.graph
    for node in graph.node:
        if node.op_type == "Resize":
            doubled = np.array([1, 1, 2, 2], dtype=np.float32)
            scales = add_constant(graph, f"{node.output[0]}_scales", doubled)
            replace(node.input, [*node.input[:2], scales])
    free_picture(model)


def free_picture(model: ModelProto) -> None:
    """A detector whose outputs have a row for each cell: allow pictures of any size and number."""
    graph = model.graph
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"{output.name}_cells"
    _free_picture(graph)
    free_batch(model)


def free_batch(model: ModelProto) -> None:
    """Allow any number of pictures in one call."""
    graph = model.graph
    wiring = Wiring(graph)
    for name in {node.input[1] for node in graph.node if node.op_type == "Reshape"}:
        if name in wiring.constants:
            shape = wiring.read(name).copy()
            shape[0] = 0  # "as in the input"
            wiring.write(name, shape)
    for value in (*graph.input, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    forget_unused(graph)


def _free_picture(graph: GraphProto) -> None:
    dims = graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_param = "height"
    dims[3].dim_param = "width"


def _nodes_before(graph: GraphProto, outputs: Iterable[str]) -> list[NodeProto]:
    """The nodes that `outputs` depend on, in their order."""
    needed = set(outputs)
    wanted = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            wanted.append(node)
    return wanted[::-1]
