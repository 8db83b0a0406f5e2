"""The documents in bench/results/, one type a figure: measured here, read by plots and tables."""

from collections.abc import Mapping, Sequence
from typing import TypedDict, final


class Summary(TypedDict):
    """The milliseconds of all rounds, in the three numbers that are published."""

    median: float
    min: float
    max: float
    rounds: int


class Machine(TypedDict):
    at: str
    processor: str
    cores: int | None
    flags: list[str]
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]
    load_average: list[float]


class Measured(Machine):
    """The machine again, with its load when the measurement ended."""

    load_average_after: list[float]


class Head(TypedDict):
    """The members that every figure begins with."""

    machine: Measured
    rounds: int


class Judgement(TypedDict):
    searches_judged: int
    found: float
    same_order: float
    furthest_off: float


class Loaded(TypedDict):
    """An engine that has its collection in memory and has answered once."""

    first_answer_seconds: float
    rss_bytes: int
    peak_rss_bytes: int
    bytes_a_face: float
    kernel: str


class Contender(TypedDict):
    engine: str
    dims: int
    threads: int
    label: str
    faces: int


@final
class SearchRow(Contender, Judgement, Loaded):
    ms: Summary
    cpu_ms: Summary
    ours_beside_it_ms: dict[str, float]


@final
class SearchLeftOut(Contender):
    left_out: str


class Search(TypedDict):
    vectors: dict[str, float]
    top: int
    rows: list[SearchRow | SearchLeftOut]


class Large(Judgement, Loaded):
    faces: int
    threads: int
    snapshot_bytes: int
    ms: Summary


@final
class LeftOut(TypedDict):
    label: str
    left_out: str


@final
class PictureRow(TypedDict):
    task: str
    label: str
    ms: Summary
    cpu_ms: Summary
    faces: int
    peak_rss_bytes: int


class Pictures(TypedDict):
    collection_faces: int
    threads: int
    rows: list[PictureRow | LeftOut]


@final
class StartRow(TypedDict):
    label: str
    ms: Summary
    cpu_ms: Summary


class Step(TypedDict):
    step: str
    ms: float
    cpu_ms: float


class Starts(TypedDict):
    rows: list[StartRow | LeftOut]
    steps: list[Step]


class LoadRow(TypedDict):
    clients: int
    calls_a_second: Summary
    ms: Summary


class Load(TypedDict):
    collection_faces: int
    rows: list[LoadRow]


class AccuracyPoint(TypedDict):
    """The rates at one threshold, each with its 95 % interval."""

    similarity: float
    cosine: float
    far: dict[str, float]
    tar: dict[str, float]


class AccuracyAtFar(AccuracyPoint):
    wanted: float
    supported: bool
    """Whether there are people enough to show this rate (rule of three)."""


class AccuracyRow(TypedDict):
    """A pack with one level of QualityFilter."""

    filter: str
    faces: int
    without_face: int
    dropped_by_filter: int
    people: int
    people_with_pairs: int
    lowest_far: float
    genuine_pairs: int
    impostor_pairs: int
    thresholds: list[AccuracyPoint]
    at_far: list[AccuracyAtFar]


class PackAccuracy(TypedDict):
    pack: str
    model_id: str
    calibration: list[list[float]]
    filters: list[AccuracyRow]


class Accuracy(TypedDict):
    photos: int
    people: int
    face: str
    packs: list[PackAccuracy]


class Elsewhere(TypedDict):
    """Rates that were measured outside of this repository, of one embedder."""

    model_id: str
    thresholds: dict[str, dict[str, float]]
    """Similarity to FAR and TAR."""
    at_far: dict[str, float]
    """FAR to TAR."""


class AccuracyElsewhere(TypedDict):
    source: str
    rows: list[Elsewhere]


Figure = Search | Large | Pictures | Starts | Load | Accuracy


def search_rows(rows: Sequence[SearchRow | SearchLeftOut]) -> list[SearchRow]:
    """The rows that were measured."""
    return [row for row in rows if "ms" in row]


def picture_rows(rows: Sequence[PictureRow | LeftOut]) -> list[PictureRow]:
    return [row for row in rows if "ms" in row]


def start_rows(rows: Sequence[StartRow | LeftOut]) -> list[StartRow]:
    return [row for row in rows if "ms" in row]


def medians(rows: Sequence[SearchRow], faces: int) -> Mapping[tuple[str, int, int], float]:
    """Milliseconds by engine, dimensions and threads, of the first measurement of each.

    Semblance is measured once more with every group of engines that fits into memory."""
    return {
        (row["engine"], row["dims"], row["threads"]): row["ms"]["median"]
        for row in reversed(rows)
        if row["faces"] == faces
    }
