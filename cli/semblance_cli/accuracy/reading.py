"""Reads many photos at once, each once: those that the cache knows are not read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from semblance_cli.accuracy import templates
from semblance_cli.accuracy.cache import Cache
from semblance_cli.accuracy.people import Photo
from semblance_cli.accuracy.templates import Reading

if TYPE_CHECKING:
    from semblance.vision.engine import Engine

_COMMIT_EVERY = 32


class Read(NamedTuple):
    photo: Photo
    digest: str
    """SHA-256 of the file's content; empty when it could not be opened."""
    reading: Reading


def read_all(
    photos: Sequence[Photo],
    engine: Engine,
    cache: Cache,
    *,
    parallel: int,
    advanced: Callable[[], None] = lambda: None,
) -> list[Read]:
    """In the order of `photos`. `advanced` is called after each. Raises PackError."""
    known = cache.readings()

    def read(photo: Photo) -> Read:
        try:
            content = photo.path.read_bytes()
        except OSError as error:
            return Read(photo, "", Reading(problem=error.strerror or str(error)))
        digest = hashlib.sha256(content).hexdigest()
        return Read(photo, digest, known.get(digest) or templates.read(engine, content))

    done = []
    with threads(parallel) as pool:
        for number, each in enumerate(pool.map(read, photos), 1):
            done.append(each)
            if each.digest and each.digest not in known:
                cache.add(each.digest, each.reading)
            if number % _COMMIT_EVERY == 0:
                cache.commit()
            advanced()
    return done


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """When something is raised, photos under way are finished and the rest dropped."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
