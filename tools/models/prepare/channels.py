"""Removes channels that cannot change the output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto

from tools.models.prepare.graphs import Weights, Wiring, attribute, forget_unused, product

MULTIPLE = 16
"""The runtime handles so many channels at once; any rest takes as long as all of them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Three convolutions: one expands to hidden channels, one filters each of them alone, one
    projects them back. After each of the first two, an activation with a slope per channel."""

    expand: NodeProto
    opened: NodeProto
    depthwise: NodeProto
    worked: NodeProto | None
    project: NodeProto


def drop_dead_channels(model: ModelProto) -> None:
    """Remove hidden channels whose weights into, inside or out of them are all zero.

    Such a channel adds the same constant for every picture, which moves into a bias."""
    graph = model.graph
    wiring = Wiring(graph)
    for node in graph.node:
        block = _block_around(node, wiring)
        if block is not None:
            _thin(block, wiring)
    forget_unused(graph)


def _block_around(depthwise: NodeProto, wiring: Wiring) -> Block | None:
    if depthwise.op_type != "Conv" or attribute(depthwise, "group").i == 1:
        return None
    opened = wiring.maker(depthwise.input[0])
    expand = wiring.maker(opened.input[0]) if opened and opened.op_type == "PRelu" else None
    after = wiring.only_taker(depthwise.output[0])
    worked = after if after and after.op_type == "PRelu" else None
    project = wiring.only_taker(worked.output[0]) if worked else after
    if not (opened and expand and project):
        return None
    alone = all(wiring.only_taker(node.output[0]) for node in (expand, opened))
    pointwise = project.op_type == "Conv" and wiring.read(project.input[1]).shape[2:] == (1, 1)
    fits = alone and pointwise and expand.op_type == "Conv"
    return Block(expand, opened, depthwise, worked, project) if fits else None


def _thin(block: Block, wiring: Wiring) -> None:
    dead, constant = _dead_channels(block, wiring)
    kept_count = -(-np.count_nonzero(~dead) // MULTIPLE) * MULTIPLE
    dropped = np.flatnonzero(dead)[: max(len(dead) - kept_count, 0)]
    kept = np.setdiff1d(np.arange(len(dead)), dropped)

    _, weights, bias = block.project.input
    lost = product(wiring.read(weights)[:, dropped, 0, 0], constant[dropped])
    wiring.write(bias, wiring.read(bias) + lost)
    wiring.write(weights, wiring.read(weights)[:, kept])
    for name in (*block.expand.input[1:], *block.depthwise.input[1:], block.opened.input[1]):
        wiring.write(name, wiring.read(name)[kept])
    if block.worked:
        wiring.write(block.worked.input[1], wiring.read(block.worked.input[1])[kept])
    attribute(block.depthwise, "group").i = len(kept)


def _dead_channels(block: Block, wiring: Wiring) -> tuple[NDArray[np.bool_], Weights]:
    """A mask of the dead hidden channels, and the constant output of each channel."""
    expand, depthwise, project = (
        wiring.read(node.input[1]) for node in (block.expand, block.depthwise, block.project)
    )
    # Padding surrounds the expanded channels with zeros, so only a zero stays constant there.
    opened = _activated(block.opened, wiring.read(block.expand.input[2]), wiring)
    shut = ~expand.any(axis=(1, 2, 3)) & (opened == 0)
    dead = shut | ~depthwise.any(axis=(1, 2, 3)) | ~project.any(axis=(0, 2, 3))
    constant = wiring.read(block.depthwise.input[2])
    return dead, _activated(block.worked, constant, wiring) if block.worked else constant


def _activated(prelu: NodeProto, values: Weights, wiring: Wiring) -> Weights:
    slopes = wiring.read(prelu.input[1]).ravel()
    return np.where(values > 0, values, slopes * values)
