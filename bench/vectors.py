"""Generated embeddings with the statistics of real ones, and a file that keeps them.

Isotropic vectors would flatter engines that round or cluster. The variances of real embeddings
decay over 160 dimensions, so that the cosines of two people have a mean of 0.01 and a standard
deviation of 0.10; those of two pictures of one person are 0.28, 0.53 and 0.76 at the 1st, 50th and
99th percentile. The file holds float16, as a deployment does.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.workers import LOCAL
from semblance.embedding.codec import Embeddings, pack, unpack
from semblance.vision.packs.loading import load_pack

CODEC = load_pack("open", LOCAL / "models").embedder.codec
DIMENSIONS = CODEC.size
PHOTOS_OF_ONE = 5
"""The pictures of a person are neighbours in a collection."""
BLOCK_ROWS = 50_000
EMBEDDING_BYTES = 2 * DIMENSIONS

_DECAY = 1.58
"""Variances fall as (1 - i / 160) ** 1.58, so that the sum of their squares is 0.10 ** 2."""
_CUT = 2.6
"""In standard deviations. No number of a real embedding reaches 0.45, where codes are clipped."""
_SHARED = 0.1
"""Length of the component that all people share; its square is the mean cosine of two people."""
_OWN, _OWN_SPREAD = 0.728, 0.075
"""Share of the person in a picture, mean and deviation; the rest is day, light and angle."""
_BASIS = Path(__file__).parents[1] / "layers/semblance/vision/packs/mobilefacenet-512x160.npy"


def block(number: int) -> Embeddings:
    """(50,000, 160) of unit length. The same number always gives the same block."""
    dice = np.random.default_rng([7, number])
    people = _variation(dice, BLOCK_ROWS // PHOTOS_OF_ONE)
    return _pictures(dice, np.repeat(people, PHOTOS_OF_ONE, axis=0))


def probes(count: int) -> Embeddings:
    """(count, 160): further pictures of people who are among the first 50,000 rows."""
    people = _variation(np.random.default_rng([7, 0]), BLOCK_ROWS // PHOTOS_OF_ONE)
    dice = np.random.default_rng([8, 0])
    return _pictures(dice, people[dice.choice(min(len(people), 2_000), count, replace=False)])


def as_the_model_gives_them(embeddings: Embeddings) -> Embeddings:
    """(n, 512) with the same cosines: the embedder's own output, which rivals have to search."""
    basis: Embeddings = np.load(_BASIS)
    wide: Embeddings = embeddings @ basis.T
    return wide


def _pictures(dice: np.random.Generator, people: Embeddings) -> Embeddings:
    share = dice.normal(_OWN, _OWN_SPREAD, len(people)).clip(0.2, 0.99)
    own: Embeddings = share.astype(np.float32)[:, None]
    rest: Embeddings = np.sqrt(1 - own**2)
    pictures: Embeddings = own * people + rest * _variation(dice, len(people))
    pictures += np.float32(_SHARED / np.sqrt(DIMENSIONS))
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True)
    return pictures


def _variation(dice: np.random.Generator, count: int) -> Embeddings:
    spectrum = (1 - np.arange(DIMENSIONS) / DIMENSIONS) ** _DECAY
    deviations = np.sqrt(spectrum / spectrum.sum()).astype(np.float32)
    numbers: Embeddings = dice.standard_normal((count, DIMENSIONS), np.float32)
    np.clip(numbers, -_CUT, _CUT, out=numbers)
    numbers *= deviations
    return numbers


def statistics() -> dict[str, float]:
    """Measures 20,000 pictures against the numbers at the top of this module."""
    rows = unpack(_split(pack(block(0)[:20_000])))
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
                file.write(pack(block(number)))

    def blocks(self, rows: int) -> Iterator[Embeddings]:
        """The first `rows`, of unit length in float32, one block at a time."""
        with self._path.open("rb") as file:
            for start in range(0, rows, BLOCK_ROWS):
                count = min(BLOCK_ROWS, rows - start)
                yield unpack(_split(file.read(count * EMBEDDING_BYTES)))

    def take(self, places: NDArray[np.intp]) -> list[bytes]:
        """Stored embeddings, as a batch of reads of the table returns them."""
        found = []
        with self._path.open("rb") as file:
            for place in places.tolist():
                file.seek(place * EMBEDDING_BYTES)
                found.append(file.read(EMBEDDING_BYTES))
        return found


def _split(content: bytes) -> list[bytes]:
    """Stored embeddings that follow one another, one by one."""
    starts = range(0, len(content), EMBEDDING_BYTES)
    return [content[start : start + EMBEDDING_BYTES] for start in starts]
