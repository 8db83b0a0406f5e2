"""CPU time from a picture's bytes to its embeddings, the median of several, by kind of picture."""

import statistics
import time
from collections.abc import Callable, Iterable

from PIL import Image

from bench.wholeness import heaps
from bench.wholeness.crops import own_box
from bench.wholeness.looking import Face, Looker
from bench.wholeness.pictures import FETCHED, SAMPLES, as_jpeg, opened

ROUNDS = 9
PORTRAIT = "obama.jpg"
"""910 x 1137 pixels, one face."""
LANDSCAPE = "things/mate/nature/Garden.jpg"
MEGAPIXEL = (1000, 1000)


def measure(looker: Looker, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds by task."""
    image = (SAMPLES / PORTRAIT).read_bytes()
    face = looker.faces(image)[0]
    crop = own_box(opened(image), face.box)
    assert crop is not None
    small = as_jpeg(crop.resize((112, 112), Image.Resampling.LANCZOS))
    heap = heaps.draw("apples", seed=7, size=MEGAPIXEL)
    landscape = as_jpeg(opened((FETCHED / LANDSCAPE).read_bytes()).resize(MEGAPIXEL))
    tasks: dict[str, Callable[[], object]] = {
        "1 megapixel, one face: all faces": lambda: _embedded(looker.faces(image)),
        "1 megapixel, one face: the largest": lambda: _embedded([looker.largest(image)]),
        "1 megapixel, flowers: all faces": lambda: looker.faces(landscape),
        "1 megapixel, flowers: the largest": lambda: looker.largest(landscape),
        "1 megapixel, a heap of apples: all faces": lambda: looker.faces(heap),
        "1 megapixel, a heap of apples: the largest": lambda: looker.largest(heap),
        "a face cut to 112 pixels: all faces": lambda: _embedded(looker.faces(small)),
        "a face cut to 112 pixels: the largest": lambda: _embedded([looker.largest(small)]),
    }
    return {name: _median_ms(task, rounds) for name, task in tasks.items()}


def _embedded(faces: Iterable[Face | None]) -> None:
    for face in faces:
        assert face is not None
        assert face.embedding.size


def _median_ms(task: Callable[[], object], rounds: int) -> float:
    task()
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        task()
        spent.append(1000 * (time.process_time() - start))
    return round(statistics.median(spent), 1)
