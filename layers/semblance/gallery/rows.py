"""The rows of one collection in memory: sorted segments, and a tail of what has come since."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Codes, Embeddings
from semblance.gallery.scan import Places, Run, Scanner
from semblance.gallery.segments import Ids, Segment, Tail

_ROWS_A_COPY = 65_536


class Rows:
    """Nothing is ever rebuilt: an insert appends, a deletion marks its row and zeroes its vector.

    A row takes `segments.row_bytes`, once the tail has been filled and sorted into a segment.
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
        """Which of these ids (16 bytes each) have a living row."""
        wanted = Ids.of(face_ids)
        known = np.zeros(len(wanted.high), np.bool_)
        for part in self._parts():
            known[part.places(wanted)[1]] = True
        return known

    def append(self, face_ids: bytes, codes: Codes) -> None:
        """(16 n) bytes of ids and (n, size) codes."""
        ids = Ids.of(face_ids)
        while len(codes):
            now = slice(self._tail.room)
            self._tail.append(ids.take(now), codes[now])
            ids, codes = ids.take(slice(now.stop, None)), codes[now.stop :]
            if not self._tail.room:
                self._segments.append(self._tail.sealed())
                self._tail = Tail(self._size)

    def put(self, face_id: bytes, code: Codes) -> None:
        """One row, in the place of the living one of that id when there is one."""
        for part in self._parts():
            places, _ = part.places(Ids.of(face_id))
            if places.size:
                part.codes[places[0]] = code
                return
        self.append(face_id, code.reshape(1, -1))

    def kill(self, face_ids: bytes) -> None:
        wanted = Ids.of(face_ids)
        if not len(wanted.high):
            return
        for part in self._parts():
            places, _ = part.places(wanted)
            part.kill(places)

    def nearest(
        self, scanner: Scanner, probe: Embeddings, *, floor: float, limit: int
    ) -> list[tuple[str, float]]:
        """What may be among the `limit` best above `floor`, given what codes lose: best first."""
        hits = scanner.nearest(self._runs(), probe, floor=floor, limit=limit)
        return list(zip(self._ids_at(hits.places).texts(), hits.scores.tolist(), strict=True))

    def in_order(self) -> tuple[Ids, Iterator[Codes]]:
        """The living rows in ascending order of their ids, the codes some thousands at a time."""
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
        """For each part that holds some of the places: which of them, and where they are in it."""
        for start, part in self._placed():
            here = np.flatnonzero((places >= start) & (places < start + len(part)))
            if here.size:
                yield here, part, places[here] - start
