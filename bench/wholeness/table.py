"""The table of whole faces in docs/accuracy.md, from bench/results/wholeness.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from bench.figures import Machine
from bench.tables import table
from bench.wholeness.tally import Row


class Run(TypedDict):
    """One pack, measured."""

    machine: Machine
    rows: list[Row]
    cpu_ms: dict[str, float]


Runs = Mapping[str, Run]
"""By pack; the name of an earlier version's stands behind the version."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: these kinds of failure, summed over these sets."""

    title: str
    figure: str
    sets: Sequence[str]
    kinds: Sequence[str]


_CROPS = ("wrong", "several", "none")
_PHOTOS = ("sample photos", "people of packages", "LFW")
_PICTURES = (
    "fruit",
    "animals",
    "things",
    "heaps of fruit, photographed",
    "details of fruit and animals",
)
_ANGLES = ((30, 330), (60, 300), (90, 270), (120, 240), (150, 210), (180,))
_SMALL = (16, 20, 24, 30, 40)

LINES = (
    *(Line(f"own-box crops, {name}", "own-box crops", [name], _CROPS) for name in _PHOTOS),
    Line("of these a wrong face", "own-box crops", _PHOTOS, ["wrong"]),
    Line("of these several faces", "own-box crops", _PHOTOS, ["several"]),
    Line("of these none", "own-box crops", _PHOTOS, ["none"]),
    Line("upright faces turned over", "upright photos", _PHOTOS, ["turned over"]),
    Line("upright photos without a face found", "upright photos", _PHOTOS, ["no face"]),
    Line("drawn heaps: stored", "no face", ["heaps, drawn"], ["stored"]),
    Line("drawn heaps: found", "no face", ["heaps, drawn"], ["found"]),
    *(Line(f"no face, {name}: stored", "no face", [name], ["stored"]) for name in _PICTURES),
    Line("no face, all of these: found", "no face", _PICTURES, ["found"]),
    Line("cartoons, toys and icons: stored", "no face", ["drawn"], ["stored"]),
    Line(
        "in sunglasses, drawn: refused though matched at 90", "shaded",
        ["sunglasses drawn, nearly black", "sunglasses drawn, tinted"], ["refused"],
    ),
    Line(
        "against the light, drawn: refused though matched at 90", "shaded",
        ["light behind, face at 0.35", "light behind, face at 0.2", "light behind, face at 0.12"],
        ["refused"],
    ),
    Line(
        "LFW: refused though another photo matches at 90", "shaded",
        ["LFW, matched at 90 by another photo"], ["refused"],
    ),
    Line("faces of groups: missing", "groups", ["faces counted by eye"], ["missing"]),
    Line("faces of groups: too many", "groups", ["faces counted by eye"], ["too many"]),
    *(
        Line(
            f"turned by {' or '.join(map(str, angles))} degrees: not found at 99", "turned",
            [f"{angle} degrees" for angle in angles], ["no face", "wrong"],
        )
        for angles in _ANGLES
    ),
    *(
        Line(f"{px} pixels high: not found", "small", [f"{px} pixels high"], ["no face"])
        for px in _SMALL
    ),
    Line("find and find_largest differ", "find and find_largest", ["all pictures"], ["differ"]),
)  # fmt: skip


def whole_faces(runs: Runs) -> str:
    """Failures of each pack, and the share where it is not 0."""
    body = [(line.title, *(_cell(line, run["rows"]) for run in runs.values())) for line in LINES]
    return table(("failures", *runs), body)


def costs(runs: Runs) -> str:
    tasks = dict.fromkeys(task for run in runs.values() for task in run["cpu_ms"])
    body = [
        (
            task,
            *(
                f"{run['cpu_ms'][task]:.0f}" if task in run["cpu_ms"] else ""
                for run in runs.values()
            ),
        )
        for task in tasks
    ]
    return table(("CPU ms, one thread", *runs), body)


def _cell(line: Line, rows: Sequence[Row]) -> str:
    wanted = [row for row in rows if row["figure"] == line.figure and row["set"] in line.sets]
    of = sum(row["of"] for row in wanted)
    if not of:
        return ""
    failed = sum(row["counts"].get(kind, 0) for row in wanted for kind in line.kinds)
    share = f" ({100 * failed / of:.2g} %)" if failed else ""
    return f"{failed} of {of:,}{share}"
