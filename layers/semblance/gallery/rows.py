"""The rows of one collection in memory: sorted segments, and a tail of the newest rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Codes, Embeddings
from semblance.gallery.scan import Places, Run, Scanner
from semblance.gallery.segments import Ids, Segment, Tail

_ROWS_A_COPY = 65_536


class Rows:
    """Never rebuilt: an insert appends a row, a deletion marks one dead and zeroes its vector.

    A row takes `segments.row_bytes` once the tail was full and has been sorted into a segment.
    """

    def __init__(self, size: int, base: Segment | None = None) -> None:
        """`size`: numbers in a code. `base`: the rows of a snapshot."""
        self._size = size
        self._segments: list[Segment] = [] if base is None else [base]
        self._tail = Tail(size)

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self._parts())

    @property
    def living(self) -> int:
        return sum(int(np.count_nonzero(part.alive)) for part in self._parts())

    def known(self, face_ids: bytes) -> NDArray[np.bool_]:
        """For each of n ids (16 bytes each, one after the other) whether it has a living row."""
        wanted = Ids.of(face_ids)
        known = np.zeros(len(wanted.high), np.bool_)
        for part in self._parts():
            known[part.places(wanted)[1]] = True
        return known

    def append(self, face_ids: bytes, codes: Codes) -> None:
        """n ids of 16 bytes each, one after the other, and their codes of shape (n, size)."""
        ids = Ids.of(face_ids)
        while len(codes):
            now = slice(self._tail.room)
            self._tail.append(ids.take(now), codes[now])
            ids, codes = ids.take(slice(now.stop, None)), codes[now.stop :]
            if not self._tail.room:
                self._segments.append(self._tail.sealed())
                self._tail = Tail(self._size)

    def put(self, face_id: bytes, code: Codes) -> None:
        """Replaces the living row of this id, or appends one."""
        for part in self._parts():
            places, _ = part.places(Ids.of(face_id))
            if places.size:
                part.codes[places[0]] = code
                return
        self.append(face_id, code.reshape(1, -1))

    def kill(self, face_ids: bytes) -> None:
        """Ids of 16 bytes each, one after the other; an id without a row is ignored."""
        wanted = Ids.of(face_ids)
        if not len(wanted.high):
            return
        for part in self._parts():
            places, _ = part.places(wanted)
            part.kill(places)

    def nearest(
        self, scanner: Scanner, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """Ids and approximate cosines, best first: a superset of the `limit` best whose exact
        cosine is `floor` or more."""
        hits = scanner.nearest(self._runs(), probe, floor=floor, limit=limit)
        return list(zip(self._ids_at(hits.places).texts(), hits.scores.tolist(), strict=True))

    def in_order(self) -> tuple[Ids, Iterator[Codes]]:
        """The living rows in ascending order of their ids; the codes in blocks of thousands."""
        living = np.flatnonzero(np.concatenate([part.alive for part in self._parts()]))
        ids = self._ids_at(living)
        order = ids.order()
        blocks = (
            self._codes_at(living[order[start : start + _ROWS_A_COPY]])
            for start in range(0, len(order), _ROWS_A_COPY)
        )
        return ids.take(order), blocks

    def _parts(self) -> Iterator[Segment | Tail]:
        yield from self._segments
        yield self._tail

    def _runs(self) -> list[Run]:
        return [Run(start, part.codes, part.alive) for start, part in self._placed()]

    def _placed(self) -> Iterator[tuple[int, Segment | Tail]]:
        """Each part, and the place of its first row among all rows."""
        start = 0
        for part in self._parts():
            yield start, part
            start += len(part)

    def _ids_at(self, places: Places) -> Ids:
        ids = Ids(np.empty(len(places), np.uint64), np.empty(len(places), np.uint64))
        for here, part, local in self._by_part(places):
            ids.high[here], ids.low[here] = part.ids.take(local)
        return ids

    def _codes_at(self, places: Places) -> Codes:
        codes = np.empty((len(places), self._size), np.int8)
        for here, part, local in self._by_part(places):
            codes[here] = part.codes[local]
        return codes

    def _by_part(self, places: Places) -> Iterator[tuple[Places, Segment | Tail, Places]]:
        """For each part that holds some of the places: their indices in `places`, the part, and
        their rows in the part."""
        for start, part in self._placed():
            here = np.flatnonzero((places >= start) & (places < start + len(part)))
            if here.size:
                yield here, part, places[here] - start
