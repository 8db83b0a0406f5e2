"""Reads the nodes and constants of an ONNX graph and changes them in place."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, numpy_helper

from tools.models.archives import FetchError

Weights = NDArray[np.float32]
Value = TypeVar("Value")


class Wiring:
    """The makers and takers of each value when this was made, and the constants as they are now."""

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
        """Keeps the type of the constant, because steps may compute in a wider one."""
        kept = np.ascontiguousarray(weights, dtype=self.read(name).dtype)
        self.constants[name].CopyFrom(numpy_helper.from_array(kept, name))


def expect(node: NodeProto | None, op_type: str) -> NodeProto:
    if node is None or node.op_type != op_type:
        found = f"{node.op_type} {node.output[0]}" if node else "several nodes or none"
        raise FetchError(f"a step does not fit its file: expected {op_type}, found {found}")
    return node


def attribute(node: NodeProto, name: str) -> AttributeProto:
    found: AttributeProto = next(entry for entry in node.attribute if entry.name == name)
    return found


def add_constant(graph: GraphProto, name: str, values: NDArray[Any]) -> str:
    graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name


def product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.float64]:
    """left @ right in float64, summed in the order of the entries: a matrix library chooses an
    order by the machine, and the last digits of the sums would depend on it."""
    columns = (right[:, None] if right.ndim == 1 else right).astype(np.float64)
    total = np.zeros((*left.shape[:-1], columns.shape[1]))
    for place, row in enumerate(columns):
        total += left[..., place, None].astype(np.float64) * row
    return total.reshape(left.shape[:-1] + right.shape[1:])


def replace(field: MutableSequence[Value], values: Iterable[Value]) -> None:
    """Replace all values of a protobuf's repeated field."""
    kept = list(values)
    del field[:]
    field.extend(kept)


def forget_unused(graph: GraphProto) -> None:
    """Remove constants that no node takes, and recorded shapes, which may have changed."""
    used = {name for node in graph.node for name in node.input}
    replace(graph.initializer, [t for t in graph.initializer if t.name in used])
    del graph.value_info[:]
