"""Replaces PRelu by operators that the runtime has in its fast, blocked layout."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import ModelProto, NodeProto

from tools.models.archives import FetchError
from tools.models.prepare.graphs import (
    Wiring,
    add_constant,
    attribute,
    forget_unused,
    replace,
)

NEAREST_TO_ONE = 1e-3
"""Weights are divided by 1 - s: a slope s that is nearer to one than this would need huge ones."""


def rewrite_prelu(model: ModelProto) -> None:
    """PRelu with slopes s is s x + (1 - s) relu(x), or (1 - s) times relu(x) + s / (1 - s) x.

    The convolution that follows takes the factor 1 - s into its weights. A Relu and a 1 x 1
    convolution of single channels remain, which the runtime computes and adds in one pass. PRelu
    itself makes onnxruntime leave its blocked layout, at half of an embedder's time. One that no
    convolution follows is the last of its network, and small: it stays."""
    graph = model.graph
    wiring = Wiring(graph)
    nodes: list[NodeProto] = []
    for node in graph.node:
        following = wiring.only_taker(node.output[0]) if node.op_type == "PRelu" else None
        if following and following.op_type == "Conv":
            nodes.extend(_rewritten(node, following, model, wiring))
        else:
            nodes.append(node)
    replace(graph.node, nodes)
    forget_unused(graph)


def _rewritten(
    prelu: NodeProto, following: NodeProto, model: ModelProto, wiring: Wiring
) -> list[NodeProto]:
    (value, slopes), (output,) = prelu.input, prelu.output
    slope = wiring.read(slopes).astype(np.float64).reshape(-1, 1, 1, 1)
    factor = 1 - slope
    if np.abs(factor).min() < NEAREST_TO_ONE:
        raise FetchError(f"{slopes} has a slope too near to 1: rewrite_prelu divides by 1 - slope")
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
