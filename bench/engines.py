"""The engines of the search figures: the gallery of Semblance and its rivals.

Each one returns the 80 best of all faces, without a threshold. The gallery does all that it does
in the service, candidates and their exact scores, except for reading the candidates' items.
"""

import functools
import importlib.metadata
import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.collection import COLLECTION, SnapshotFile, row_of
from bench.rounds import Stopwatch, Taken
from bench.vectors import CODEC, DIMENSIONS, Store, as_the_model_gives_them
from semblance.embedding.codec import Embeddings, unpack
from semblance.gallery.gallery import MemoryGallery

TOP = 80
_INT8_ONE = np.float32(127 / 0.3)
"""No number of 512 reaches 0.3."""

Places = NDArray[np.intp]


class Filling:
    """The faces of an engine, and the threads that it may use."""

    def __init__(self, *, dims: int, faces: int, threads: int, store: Path) -> None:
        self.dims, self.faces, self.threads = dims, faces, threads
        self.store = Store(store)
        self.snapshot = SnapshotFile(self.store, store.parent, faces)

    def blocks(self) -> Iterator[tuple[slice, Embeddings]]:
        start = 0
        for rows in self.store.blocks(self.faces):
            yield slice(start, start + len(rows)), self.in_its_numbers(rows)
            start += len(rows)

    def in_its_numbers(self, rows: Embeddings) -> Embeddings:
        return rows if self.dims == DIMENSIONS else as_the_model_gives_them(rows)

    def matrix(self) -> Embeddings:
        matrix = np.empty((self.faces, self.dims), np.float32)
        for place, rows in self.blocks():
            matrix[place] = rows
        return matrix


class Engine(Protocol):
    needs: tuple[str, ...]
    """Modules to import before memory is measured."""

    def __init__(self, filling: Filling) -> None: ...

    def search(self, probe: Embeddings) -> Places:
        """The TOP best rows, best first."""

    def kernel(self) -> str:
        """The name of the code that does the work on this processor."""


class SemblanceGallery:
    needs: tuple[str, ...] = ("simsimd",)
    untimed = Taken(0.0, 0.0)
    """Time that the last search took to read its candidates from the file. The service reads them
    from its table."""

    def __init__(self, filling: Filling) -> None:
        self._store = filling.store
        self._gallery = MemoryGallery(
            codec=CODEC,
            embeddings=lambda uid: iter(()),
            users=lambda uid: (),
            changes=lambda uid, since_ms: (),
            snapshots=lambda uid: filling.snapshot.to_be_consumed(),
            clock=time.time,
            budget_bytes=1 << 40,
            threads=filling.threads,
        )

    def search(self, probe: Embeddings) -> Places:
        found = self._gallery.candidates(COLLECTION, probe, floor=-1.0, limit=TOP)
        watch = Stopwatch()
        rows = np.array([row_of(face_id) for face_id, _ in found])
        items = self._store.take(rows)
        self.untimed = watch.taken()
        return rows[np.argsort(-(unpack(items) @ probe), kind="stable")[:TOP]]

    def kernel(self) -> str:
        return _simsimd_kernel()


class Numpy:
    needs: tuple[str, ...] = ()

    def __init__(self, filling: Filling) -> None:
        self._rows = filling.matrix()

    def search(self, probe: Embeddings) -> Places:
        return best(self._rows @ probe)

    def kernel(self) -> str:
        if find_spec("threadpoolctl") is None:
            return "not known without threadpoolctl"
        import threadpoolctl

        (blas,) = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
        return f"{blas['internal_api']} {blas['version']}, {blas.get('architecture', 'unknown')}"


class FaissFlat:
    needs: tuple[str, ...] = ("faiss",)

    def __init__(self, filling: Filling) -> None:
        import faiss

        faiss.omp_set_num_threads(filling.threads)
        self._index = self.make(faiss, filling)
        # Reserve room for all faces: growing by doubling would need three times the memory.
        self._index.codes.resize(filling.faces * self._index.code_size)
        self._index.codes.resize(0)
        for _, rows in filling.blocks():
            self._index.add(rows)

    def make(self, faiss: Any, filling: Filling) -> Any:
        return faiss.IndexFlatIP(filling.dims)

    def search(self, probe: Embeddings) -> Places:
        _, places = self._index.search(probe[None], TOP)
        best_first: Places = places[0]
        return best_first

    def kernel(self) -> str:
        import faiss

        return str(faiss.get_compile_options()).strip()


class FaissSq8(FaissFlat):
    def make(self, faiss: Any, filling: Filling) -> Any:
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(filling.dims, kind, faiss.METRIC_INNER_PRODUCT)
        _, rows = next(filling.blocks())
        index.train(rows)
        return index


class Usearch:
    needs: tuple[str, ...] = ("usearch.index",)

    def __init__(self, filling: Filling) -> None:
        self._rows, self._threads = filling.matrix(), filling.threads

    def search(self, probe: Embeddings) -> Places:
        from usearch.index import MetricKind, search

        found = search(self._rows, probe, TOP, MetricKind.IP, exact=True, threads=self._threads)
        rows: Places = found.keys.astype(np.intp)
        return rows

    def kernel(self) -> str:
        from usearch.compiled import MetricKind, ScalarKind, hardware_acceleration

        return str(hardware_acceleration(dtype=ScalarKind.F32, metric_kind=MetricKind.IP))


class Int8:
    """simsimd over int8 codes of all numbers: the fastest plain scan from Python."""

    needs: tuple[str, ...] = ("simsimd",)

    def __init__(self, filling: Filling) -> None:
        self._codes = np.empty((filling.faces, filling.dims), np.int8)
        for place, rows in filling.blocks():
            self._codes[place] = _int8(rows)
        edges = np.linspace(0, filling.faces, filling.threads + 1).astype(int).tolist()
        self._parts = [slice(*edge) for edge in itertools.pairwise(edges)]
        self._scores = np.empty((1, filling.faces), np.float32)
        self._pool = ThreadPoolExecutor(filling.threads)

    def search(self, probe: Embeddings) -> Places:
        scan = functools.partial(self._scan, code=_int8(probe)[None])
        list(self._pool.map(scan, self._parts) if len(self._parts) > 1 else map(scan, self._parts))
        return best(self._scores[0])

    def _scan(self, part: slice, code: NDArray[np.int8]) -> None:
        import simsimd

        out = self._scores[:, part]
        simsimd.cdist(code, self._codes[part], "dot", out=out, out_dtype="f32")

    def kernel(self) -> str:
        return _simsimd_kernel()


ENGINES: dict[str, type[Engine]] = {
    "ours": SemblanceGallery,
    "numpy": Numpy,
    "faiss flat": FaissFlat,
    "faiss SQ8": FaissSq8,
    "usearch exact": Usearch,
    "simsimd int8": Int8,
}


def best(scores: Embeddings) -> Places:
    """The TOP best, best first. Scores below the TOP best of a sample are not sorted."""
    least = np.float32(-np.inf)
    sample = scores[::32]
    if len(sample) > TOP:
        least = np.partition(sample, -TOP)[-TOP]
    places = np.flatnonzero(scores >= least)
    if len(places) > TOP:
        places = places[np.argpartition(-scores[places], TOP)[:TOP]]
    return places[np.argsort(-scores[places], kind="stable")]


def _int8(rows: Embeddings) -> NDArray[np.int8]:
    codes: NDArray[np.int8] = np.rint(np.clip(rows * _INT8_ONE, -127, 127)).astype(np.int8)
    return codes


def _simsimd_kernel() -> str:
    import simsimd

    used = [name for name, usable in simsimd.get_capabilities().items() if usable]
    return f"simsimd {importlib.metadata.version('simsimd')}: {used[-1]}"
