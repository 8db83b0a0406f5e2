"""Surgery on the fetched ONNX graphs: sizes made free, denormal weights silenced.

Done once when the models are fetched; whoever changes a step raises RECIPE in tools/fetch.py. What
goes in is pinned by checksum; what comes out may be serialised differently by another onnx release,
so its checksum is recorded, not pinned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

SMALLEST_WEIGHT = 1e-12

RFB_OUTPUTS = ("scores", "462")
"""The scores, and the box offsets before the priors, which are constants of one input size."""


def prepare(model: bytes, steps: Iterable[str]) -> bytes:
    graph = onnx.load_model_from_string(model)
    for step in steps:
        STEPS[step](graph)
    onnx.checker.check_model(graph, full_check=True)
    prepared: bytes = graph.SerializeToString(deterministic=True)
    return prepared


def cut_priors(model: ModelProto) -> None:
    """RFB: ends the graph before it decodes boxes, which frees the input's size."""
    graph = model.graph
    wanted = _nodes_before(graph, RFB_OUTPUTS)
    _replace(graph.node, wanted)
    used = {name for node in wanted for name in node.input}
    _replace(graph.initializer, [t for t in graph.initializer if t.name in used])
    outputs = [
        onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "priors", size])
        for name, size in zip(RFB_OUTPUTS, (2, 4), strict=True)
    ]
    _replace(graph.output, outputs)
    _free_input(graph)


def free_size(model: ModelProto) -> None:
    """SCRFD: Reshapes keep the batch, Resizes double instead of naming a size."""
    graph = model.graph
    for node in graph.node:
        if node.op_type == "Reshape":
            shape = _initializer(graph, node.input[1])
            kept = numpy_helper.to_array(shape).copy()
            kept[0] = 0  # "as in the input"
            shape.CopyFrom(numpy_helper.from_array(kept, shape.name))
        if node.op_type == "Resize":
            doubled = np.array([1, 1, 2, 2], dtype=np.float32)
            scales = numpy_helper.from_array(doubled, f"{node.output[0]}_scales")
            graph.initializer.append(scales)
            _replace(node.input, [*node.input[:2], scales.name])
    for output in graph.output:
        output.type.tensor_type.shape.dim[0].dim_param = "batch"
        output.type.tensor_type.shape.dim[1].dim_param = f"{output.name}_cells"
    _free_input(graph)
    graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"


def flush_denormals(model: ModelProto) -> None:
    """Weights too small to matter become zero: as denormals they cost 50 ms a face on x86.

    Variances are left alone, they are divided by."""
    graph = model.graph
    variances = {node.input[4] for node in graph.node if node.op_type == "BatchNormalization"}
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.name in variances:
            continue
        weights = numpy_helper.to_array(tensor).copy()
        weights[np.abs(weights) < SMALLEST_WEIGHT] = 0
        tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))


STEPS: dict[str, Callable[[ModelProto], None]] = {
    "cut_priors": cut_priors,
    "free_size": free_size,
    "flush_denormals": flush_denormals,
}


def _nodes_before(graph: GraphProto, outputs: Iterable[str]) -> list[NodeProto]:
    """The nodes that `outputs` depend on, in their order."""
    needed = set(outputs)
    wanted = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            wanted.append(node)
    return wanted[::-1]


def _free_input(graph: GraphProto) -> None:
    dims = graph.input[0].type.tensor_type.shape.dim
    dims[2].dim_param = "height"
    dims[3].dim_param = "width"
    del graph.value_info[:]


def _initializer(graph: GraphProto, name: str) -> TensorProto:
    found: TensorProto = next(tensor for tensor in graph.initializer if tensor.name == name)
    return found


def _replace(field, values) -> None:  # type: ignore[no-untyped-def]  # protobuf's repeated fields
    kept = list(values)
    del field[:]
    field.extend(kept)
