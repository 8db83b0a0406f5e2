"""Embeddings with the statistics of real ones, as many as one likes, and a file that keeps them.

Isotropic vectors flatter whoever rounds or clusters. Real ones have a spectrum that decays over
160 dimensions, so that two people's cosine has a mean of 0.01 and a standard deviation of 0.10; two
pictures of one person have 0.28, 0.53 and 0.76 at the 1st, 50th and 99th percentile. What is kept
is what a deployment keeps: float16.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from semblance.embedding.codec import Embeddings, unpack_block
from semblance.vision.packs.loading import load_pack

PHOTOS_OF_ONE = 5
"""Of each person, one after the other in a collection."""
BLOCK_ROWS = 50_000
CODEC = load_pack("open", Path()).embedder.codec
DIMENSIONS = CODEC.size
EMBEDDING_BYTES = 2 * DIMENSIONS

_DECAY = 1.58
"""Variances fall as (1 - i / 160) ** 1.58: the sum of their squares is then 0.10 ** 2."""
_CUT = 2.6
"""In standard deviations. No number of a real embedding reaches 0.45, where codes are cut."""
_SHARED = 0.1
"""The length of what all people have in common: its square is the mean cosine of two."""
_OWN, _OWN_SPREAD = 0.728, 0.075
"""How much of a picture is the person: the rest is the day, the light and the angle."""
_BASIS = Path(__file__).parents[1] / "layers/semblance/vision/packs/mobilefacenet-512x160.npy"


def block(number: int) -> Embeddings:
    """(50,000, 160) of unit length: the same ones whenever that block is asked for."""
    dice = np.random.default_rng([7, number])
    people = _variation(dice, BLOCK_ROWS // PHOTOS_OF_ONE)
    return _pictures(dice, np.repeat(people, PHOTOS_OF_ONE, axis=0))


def probes(count: int) -> Embeddings:
    """(count, 160): further pictures of people who are among the first 50,000 rows."""
    people = _variation(np.random.default_rng([7, 0]), BLOCK_ROWS // PHOTOS_OF_ONE)
    dice = np.random.default_rng([8, 0])
    return _pictures(dice, people[dice.choice(min(len(people), 2_000), count, replace=False)])


def as_the_model_gives_them(embeddings: Embeddings) -> Embeddings:
    """(n, 512): the same cosines, in the 512 numbers that anybody else would have to search."""
    basis: Embeddings = np.load(_BASIS)
    return embeddings @ basis.T


def _pictures(dice: np.random.Generator, people: Embeddings) -> Embeddings:
    own = dice.normal(_OWN, _OWN_SPREAD, len(people)).clip(0.2, 0.99).astype(np.float32)[:, None]
    pictures = own * people + np.sqrt(1 - own**2) * _variation(dice, len(people))
    pictures += np.float32(_SHARED / np.sqrt(DIMENSIONS))
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    return pictures


def _variation(dice: np.random.Generator, count: int) -> Embeddings:
    spectrum = (1 - np.arange(DIMENSIONS) / DIMENSIONS) ** _DECAY
    deviations = np.sqrt(spectrum / spectrum.sum()).astype(np.float32)
    numbers = dice.standard_normal((count, DIMENSIONS), np.float32)
    np.clip(numbers, -_CUT, _CUT, out=numbers)
    return numbers * deviations


def statistics() -> dict[str, float]:
    """Of 20,000 pictures: what the module's first lines promise, measured."""
    rows = unpack_block(block(0)[:20_000].astype("<f2").tobytes(), 20_000)
    people = rows.reshape(-1, PHOTOS_OF_ONE, DIMENSIONS)
    impostors = np.concatenate([rows[:5_000] @ rows[5_000:10_000].T]).ravel()
    pairs = np.einsum("pid,pjd->pij", people, people)
    genuine = pairs[:, *np.triu_indices(PHOTOS_OF_ONE, 1)].ravel()
    low, middle, high = np.percentile(genuine, [1, 50, 99])
    found = {
        "impostor_mean": impostors.mean(),
        "impostor_sd": impostors.std(),
        "impostor_p999": np.percentile(impostors, 99.9),
        "genuine_p01": low,
        "genuine_p50": middle,
        "genuine_p99": high,
        "largest_number": np.abs(rows).max(),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


class Store:
    """A file of float16 embeddings, grown on demand; smaller collections are its beginning."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def grow(self, rows: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = (
            self._path.stat().st_size // (BLOCK_ROWS * EMBEDDING_BYTES)
            if self._path.exists()
            else 0
        )
        with self._path.open("r+b" if whole else "wb") as file:
            file.truncate(whole * BLOCK_ROWS * EMBEDDING_BYTES)
            file.seek(0, 2)
            for number in range(whole, -(-rows // BLOCK_ROWS)):
                file.write(block(number).astype("<f2").data)

    def blocks(self, rows: int) -> Iterator[Embeddings]:
        """The first `rows`, of unit length in float32, some thousands at a time."""
        with self._path.open("rb") as file:
            for start in range(0, rows, BLOCK_ROWS):
                count = min(BLOCK_ROWS, rows - start)
                yield unpack_block(file.read(count * EMBEDDING_BYTES), count)

    def take(self, places: NDArray[np.intp]) -> bytes:
        """As they are stored, one after the other: what a batch of reads of the table returns."""
        with self._path.open("rb") as file:
            parts = []
            for place in places.tolist():
                file.seek(place * EMBEDDING_BYTES)
                parts.append(file.read(EMBEDDING_BYTES))
        return b"".join(parts)
