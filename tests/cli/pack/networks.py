"""Networks of random weights, as ONNX files: a tiny one for each fault, and one of R50's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = Sequence[int | str]

FACE: Shape = ("n", 3, 112, 112)


def tiny(path: Path, *, face: Shape = FACE, numbers: int = 64, output: Shape | None = None) -> Path:
    """A face, shrunk to 7 x 7 pixels, times a random matrix. `output`: another shape to give it."""
    graph = Graph()
    step = int(face[3]) // 7 if face[3] != "w" else 16
    small = graph.node("AveragePool", "face", kernel_shape=[step, step], strides=[step, step])
    made = graph.linear(graph.node("Flatten", small), int(face[1]) * 7 * 7, numbers)
    if output:
        made = graph.node("Reshape", made, graph.constant(np.array(output, np.int64)))
    return graph.save(path, {"face": face}, made)


def channels_last(path: Path) -> Path:
    graph = Graph()
    first = graph.node("Transpose", "face", perm=[0, 3, 1, 2])
    small = graph.node("AveragePool", first, kernel_shape=[16, 16], strides=[16, 16])
    made = graph.linear(graph.node("Flatten", small), 3 * 7 * 7, 64)
    return graph.save(path, {"face": (1, 112, 112, 3)}, made)


def two_inputs(path: Path) -> Path:
    graph = Graph()
    return graph.save(path, {"face": FACE, "other": FACE}, graph.node("Add", "face", "other"))


def weights_as_inputs(path: Path) -> Path:
    """As exporters of old wrote it: each weight is an input that has a value."""
    model = onnx.load(tiny(path))
    for weight in model.graph.initializer:
        kind = helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims)
        model.graph.input.append(kind)
    onnx.save(model, path)
    return path


def residual(path: Path, blocks: Sequence[int] = (3, 4, 14, 3), width: int = 64) -> Path:
    """InsightFace's IResNet: with (3, 4, 14, 3) its R50, 174 MB."""
    graph = Graph()
    here, depth, side = graph.prelu(graph.conv("face", 3, width), width), width, 112
    for stage, count in enumerate(blocks):
        wider = width << stage
        for block in range(count):
            stride = 2 if block == 0 else 1
            branch = graph.prelu(graph.conv(graph.norm(here, depth), depth, wider), wider)
            branch = graph.conv(branch, wider, wider, stride=stride)
            if block == 0:
                here = graph.conv(here, depth, wider, stride=2, kernel=1)
            here, depth = graph.node("Add", branch, here), wider
        side //= 2
    flat = graph.node("Flatten", graph.norm(here, depth))
    return graph.save(path, {"face": FACE}, graph.linear(flat, depth * side * side, 512))


class Graph:
    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._chance = np.random.default_rng(0)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: np.ndarray) -> str:
        name = f"weight{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(value, name))
        return name

    def linear(self, inputs: str, taken: int, made: int) -> str:
        return self.node("MatMul", inputs, self._random(taken, (taken, made)))

    def conv(self, inputs: str, taken: int, made: int, *, stride: int = 1, kernel: int = 3) -> str:
        weight = self._random(taken * kernel * kernel, (made, taken, kernel, kernel))
        edge = [kernel // 2] * 4
        return self.node("Conv", inputs, weight, strides=[stride, stride], pads=edge)

    def prelu(self, inputs: str, depth: int) -> str:
        slope = self.constant(np.full((depth, 1, 1), 0.25, np.float32))
        return self.node("PRelu", inputs, slope)

    def norm(self, inputs: str, depth: int) -> str:
        ones, zeros = np.ones(depth, np.float32), np.zeros(depth, np.float32)
        parts = [self.constant(each) for each in (ones, zeros, zeros, ones)]
        return self.node("BatchNormalization", inputs, *parts)

    def save(self, path: Path, inputs: dict[str, Shape], output: str) -> Path:
        graph = helper.make_graph(
            self._nodes,
            "random",
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
            self._weights,
        )
        opset = [helper.make_opsetid("", 17)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
        return path

    def _random(self, taken: int, shape: Sequence[int]) -> str:
        weights = self._chance.standard_normal(shape, np.float32) / np.sqrt(taken)
        return self.constant(weights.astype(np.float32))
