"""The scan: one exhaustive pass over int8 codes that keeps every row which could be among the best.

A code's cosine may be off by the codec's margin, so a scan returns a superset. The dot products
are simsimd's, which chooses its kernels when it is loaded, by the processor: AVX-512 VNNI or AVX2
on x86-64, SVE or NEON on arm64, plain C elsewhere. They release the GIL, so threads scan blocks in
parallel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import simsimd
from numpy.typing import NDArray

from semblance.embedding.codec import Codec, Codes, Embeddings

_ROWS_A_BLOCK = 32_768
"""The scores of a block stay in the processor's cache until they are compared."""
_ROWS_AT_FIRST = 2_048
"""The hits of a small first block raise the threshold before many rows can pass it."""
_ROWS_A_THREAD = 65_536
"""With fewer rows for each, a second thread costs more time than it saves."""
_SURPLUS = 1_024
"""Hits beyond the limit that may pile up before the threshold is raised."""

Places = NDArray[np.intp]
Scores = NDArray[np.float32]


class Run(NamedTuple):
    """Rows that lie one after the other in memory."""

    start: int
    """The place of the first of them among all rows."""
    codes: Codes
    alive: NDArray[np.bool_]


class Hits(NamedTuple):
    """Rows, best first, with their approximate cosines."""

    places: Places
    scores: Scores


class Scanner:
    """Scans with up to `threads` threads, if there are enough rows to share."""

    def __init__(self, codec: Codec, threads: int = 1) -> None:
        self._codec = codec
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, "scan") if threads > 1 else None

    def nearest(self, runs: Sequence[Run], probe: Embeddings, *, floor: float, limit: int) -> Hits:
        """A superset of the `limit` living rows whose exact cosine with the (size,) probe of unit
        length is highest, among those for which it is `floor` or more."""
        blocks = [block for run in runs for block in _blocks(run)]
        shares = self._shares(blocks)
        scan = partial(_scan, codec=self._codec, probe=probe, floor=floor, limit=limit)
        best = self._pool.map(scan, shares) if self._pool and len(shares) > 1 else map(scan, shares)
        return _Best.of(best, self._codec.margin, floor, limit).hits()

    def _shares(self, blocks: list[Run]) -> list[list[Run]]:
        rows = sum(len(block.codes) for block in blocks)
        threads = min(self._threads, 1 + rows // _ROWS_A_THREAD)
        return [blocks[first::threads] for first in range(threads)]


def _blocks(run: Run) -> Iterator[Run]:
    for start in range(0, len(run.codes), _ROWS_A_BLOCK):
        rows = slice(start, start + _ROWS_A_BLOCK)
        yield Run(run.start + start, run.codes[rows], run.alive[rows])


def _scan(blocks: list[Run], *, codec: Codec, probe: Embeddings, floor: float, limit: int) -> _Best:
    code, cosine_per_unit = codec.quantize_probe(probe)
    best = _Best(codec.margin, floor, limit)
    for block in _small_first(blocks):
        scores = _products(code, block.codes)
        hits = np.flatnonzero(scores >= best.least / cosine_per_unit)
        hits = hits[block.alive[hits]]
        if hits.size:
            best.add(block.start + hits, scores[hits] * cosine_per_unit)
    return best


def _small_first(blocks: list[Run]) -> Iterator[Run]:
    for block in blocks[:1]:
        yield Run(block.start, block.codes[:_ROWS_AT_FIRST], block.alive[:_ROWS_AT_FIRST])
        if len(block.codes) > _ROWS_AT_FIRST:
            rest = slice(_ROWS_AT_FIRST, None)
            yield Run(block.start + _ROWS_AT_FIRST, block.codes[rest], block.alive[rest])
    yield from blocks[1:]


def _products(code: Codes, codes: Codes) -> Scores:
    """The dot products of (1, size) with (n, size) codes, shape (n,). A reused array would save
    memory, but with `out` simsimd 6.5 releases a reference to None that it does not own, and Python
    dies after some thousands of calls."""
    products = simsimd.cdist(code, codes, "dot", out_dtype="f32")
    return np.frombuffer(products, np.float32)  # type: ignore[arg-type]  # a buffer


class _Best:
    """The hits so far. `least`, their threshold, rises with the worst of the `limit` best."""

    def __init__(self, margin: float, floor: float, limit: int) -> None:
        self.least = np.float32(floor - margin)
        self._margin = margin
        self._limit = limit
        self._places: list[Places] = []
        self._scores: list[Scores] = []
        self._count = 0

    @classmethod
    def of(cls, parts: Iterator[_Best], margin: float, floor: float, limit: int) -> _Best:
        best = cls(margin, floor, limit)
        for part in parts:
            best.add(*part.hits())
        return best

    def add(self, places: Places, scores: Scores) -> None:
        self._places.append(places)
        self._scores.append(scores)
        self._count += len(places)
        if self._count > self._limit + _SURPLUS:
            self._tighten()

    def hits(self) -> Hits:
        self._tighten()
        places, scores = self._places[0], self._scores[0]
        order = np.lexsort((places, -scores))
        return Hits(places[order], scores[order])

    def _tighten(self) -> None:
        """Twice the margin: the worst of the best and the row compared with it may each be off by
        one."""
        places = np.concatenate(self._places or [np.zeros(0, np.intp)])
        scores = np.concatenate(self._scores or [np.zeros(0, np.float32)])
        if len(scores) > self._limit:
            worst = np.partition(scores, -self._limit)[-self._limit]
            self.least = max(self.least, np.float32(worst - 2 * self._margin))
            kept = scores >= self.least
            places, scores = places[kept], scores[kept]
        self._places, self._scores, self._count = [places], [scores], len(places)
