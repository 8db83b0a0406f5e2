"""Reading a graph and changing it in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, numpy_helper

from tools.models.archives import FetchError

Weights = NDArray[np.float32]


class Wiring:
    """Who makes and who takes each value, and what the constants are, at the time of asking."""

    def __init__(self, graph: GraphProto) -> None:
        self.constants: dict[str, TensorProto] = {t.name: t for t in graph.initializer}
        self._makers = {name: node for node in graph.node for name in node.output}
        self._takers: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._takers.setdefault(name, []).append(node)

    def maker(self, value: str) -> NodeProto | None:
        return self._makers.get(value)

    def only_taker(self, value: str) -> NodeProto | None:
        takers = self._takers.get(value, [])
        return takers[0] if len(takers) == 1 else None

    def read(self, name: str) -> Weights:
        weights: Weights = numpy_helper.to_array(self.constants[name])
        return weights

    def write(self, name: str, weights: NDArray[Any]) -> None:
        """In the constant's own type, whatever it was computed in."""
        kept = np.ascontiguousarray(weights, dtype=self.read(name).dtype)
        self.constants[name].CopyFrom(numpy_helper.from_array(kept, name))


def expect(node: NodeProto | None, op_type: str) -> NodeProto:
    if node is None or node.op_type != op_type:
        found = f"{node.op_type} {node.output[0]}" if node else "several nodes or none"
        raise FetchError(f"a step does not fit its file: {op_type} expected, {found} there")
    return node


def attribute(node: NodeProto, name: str) -> AttributeProto:
    found: AttributeProto = next(entry for entry in node.attribute if entry.name == name)
    return found


def add_constant(graph: GraphProto, name: str, values: NDArray[Any]) -> str:
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name


def replace(field: Any, values: Iterable[Any]) -> None:
    """All of a protobuf's repeated field."""
    kept = list(values)
    del field[:]
    field.extend(kept)


def forget_unused(graph: GraphProto) -> None:
    """Constants that no node takes, and shapes that were noted of values that changed."""
    used = {name for node in graph.node for name in node.input}
    replace(graph.initializer, [t for t in graph.initializer if t.name in used])
    del graph.value_info[:]
