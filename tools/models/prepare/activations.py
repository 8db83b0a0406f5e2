"""Activations in operators that the runtime has in its blocked layout."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import ModelProto, NodeProto

from tools.models.archives import FetchError
from tools.models.prepare.graphs import (
    Wiring,
    add_constant,
    attribute,
    expect,
    forget_unused,
    replace,
)

NEAREST_TO_ONE = 0.1
"""A slope nearer to one than this would cost digits: 1 - s is divided by."""


def rewrite_prelu(model: ModelProto) -> None:
    """PRelu with slopes s is s x + (1 - s) relu(x).

    That is (1 - s) times relu(x) + s / (1 - s) x, and the convolution that follows takes the
    factor into its weights: what is left is a Relu and a 1 x 1 convolution of single channels that
    the runtime adds in one go. PRelu itself takes onnxruntime out of its blocked layout, which
    costs more than half of the embedder's time."""
    graph = model.graph
    wiring = Wiring(graph)
    nodes: list[NodeProto] = []
    for node in graph.node:
        nodes.extend(_rewritten(node, model, wiring) if node.op_type == "PRelu" else [node])
    replace(graph.node, nodes)
    forget_unused(graph)


def _rewritten(prelu: NodeProto, model: ModelProto, wiring: Wiring) -> list[NodeProto]:
    (value, slopes), (output,) = prelu.input, prelu.output
    slope = wiring.read(slopes).astype(np.float64).reshape(-1, 1, 1, 1)
    factor = 1 - slope
    if np.abs(factor).min() < NEAREST_TO_ONE:
        raise FetchError(f"{slopes} has a slope too near to 1 to be divided by its difference")
    following = expect(wiring.only_taker(output), "Conv")
    of_single_channels = attribute(following, "group").i == len(slope)
    weights = wiring.read(following.input[1])
    scaled = weights * (factor if of_single_channels else factor.reshape(1, -1, 1, 1))
    wiring.write(following.input[1], scaled)
    ratio = add_constant(model.graph, f"{output}_ratio", (slope / factor).astype(np.float32))
    positive, line = f"{output}_positive", f"{output}_line"
    return [
        onnx.helper.make_node("Relu", [value], [positive], positive),
        onnx.helper.make_node(
            "Conv", [value, ratio], [line], line, group=len(slope), kernel_shape=[1, 1]
        ),
        onnx.helper.make_node("Add", [positive, line], [output], output),
    ]
