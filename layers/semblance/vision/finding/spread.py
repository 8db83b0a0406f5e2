"""Works on several faces in parallel threads; results keep the order of the faces."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Spread:
    """Each network call runs in one thread: two threads with a face each gain more than two threads
    on one face."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, "faces") if threads > 1 else None

    def map(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Lazy and in order: at most as many items as there are threads are started ahead of the
        caller."""
        if self._pool is None or len(items) < 2:
            yield from map(work, items)
            return
        begun: deque[Future[Result]] = deque()
        try:
            for item in items:
                begun.append(self._pool.submit(work, item))
                if len(begun) > self.threads:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
