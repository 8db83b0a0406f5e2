"""Measures how whole faces are found, pack by pack.

`python -m bench.wholeness --lfw FOLDER`. Prints a table, and writes counts to bench/results/ and
the names of all pictures that failed to .local/wholeness/. `python -m tools.models.pictures`
fetches the pictures.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench import machine
from bench.wholeness import crops, details, heaps, kept, mounds, shaded, speed, strangers, upright
from bench.wholeness.looking import Looker, agree
from bench.wholeness.pictures import Photo, Pictures
from bench.wholeness.tally import Tally
from bench.workers import LOCAL, ROOT
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from semblance.vision.packs.manifest import MANIFEST

RESULTS = ROOT / "bench" / "results" / "wholeness.json"
NAMES = LOCAL / "wholeness"
HEAPS_EACH = 30
MOUNDS_EACH = 8
DETAILS_EACH = 4
LFW = "LFW"
AGREEMENT = "find and find_largest"
"""Over all figures, so it is kept only when all were measured."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    pictures = Pictures(options.lfw, options.every, options.quick)
    lookers: dict[str, Looker] = {}
    for pack in options.packs:
        looker = Looker(Engine(load_pack(pack, options.models, options.manifest)))
        lookers[pack] = looker
        started = time.process_time()
        tallies = list(_measured(looker, pictures, options.only))
        tallies.append(_agreement(looker))
        milliseconds = speed.measure(looker) if "speed" in options.only else {}
        _print(f"{options.label}{pack}", tallies, milliseconds)
        sys.stdout.write(f"{time.process_time() - started:.0f} CPU seconds\n\n")
        _write(options, f"{options.label}{pack}", tallies, milliseconds)
    if len(lookers) > 1:
        _print_packs(lookers)
    return 0


def _measured(looker: Looker, pictures: Pictures, only: Iterable[str]) -> Iterator[Tally]:
    for name in only:
        if name in FIGURES:
            yield from FIGURES[name](looker, pictures)


def _heaps(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    each = 6 if pictures.quick else HEAPS_EACH
    yield strangers.taken_for_faces(looker, heaps.heaps(each), "heaps, drawn")


def _strangers(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    each = 2 if pictures.quick else MOUNDS_EACH
    for name in ("fruit", "animals", "things", "drawn"):
        read = ((photo.name, photo.read()) for photo in pictures.fetched(name))
        yield strangers.taken_for_faces(looker, read, name)
    yield strangers.taken_for_faces(looker, mounds.mounds(each), "heaps of fruit, photographed")
    whole = [*pictures.fetched("fruit"), *pictures.fetched("animals")]
    cut = details.details(whole, DETAILS_EACH)
    yield strangers.taken_for_faces(looker, cut, "details of fruit and animals")


def _crops(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    for label, photos in _people(pictures).items():
        yield crops.own_boxes(looker, photos, label)


def _upright(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    people = _people(pictures)
    if LFW in people:
        people[LFW] = pictures.lfw_photos(of_all=True)
    for label, photos in people.items():
        yield upright.turned_over(looker, photos, label)


def _shaded(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    for name in ("sunglasses", "backlit"):
        yield shaded.photographed(looker, pictures.fetched(name), f"{name}, photographed")
    yield from shaded.drawn(looker, [*pictures.portraits(), *pictures.lfw_photos()[1::8]])
    if lfw := pictures.lfw_photos():
        yield shaded.with_mates(looker, lfw, f"{LFW}, matched at 90 by another photo")


def _kept(looker: Looker, pictures: Pictures) -> Iterator[Tally]:
    yield kept.groups(looker, pictures.groups())
    yield from kept.turned(looker, pictures.portraits())
    yield from kept.small(looker, pictures.portraits())


def _people(pictures: Pictures) -> dict[str, list[Photo]]:
    groups = [group.photo for group in pictures.groups()[1:]]
    sets = {
        "sample photos": pictures.samples(),
        "people of packages": [*pictures.people(), *groups],
        LFW: pictures.lfw_photos(),
    }
    return {label: photos for label, photos in sets.items() if photos}


FIGURES: dict[str, Callable[[Looker, Pictures], Iterator[Tally]]] = {
    "heaps": _heaps,
    "strangers": _strangers,
    "crops": _crops,
    "upright": _upright,
    "shaded": _shaded,
    "kept": _kept,
}


def _agreement(looker: Looker) -> Tally:
    """Of all pictures that were looked at."""
    tally = Tally(AGREEMENT, "all pictures", ("differ",), of=looker.looked)
    for name in looker.differing:
        tally.note("differ", name)
    return tally


def _print(label: str, tallies: list[Tally], milliseconds: dict[str, float]) -> None:
    for tally in tallies:
        row = tally.row()
        counts = ", ".join(f"{kind} {count}" for kind, count in row["counts"].items())
        line = f"{label:14} {row['figure']:22} {row['set']:40} of {row['of']:5}: {counts}\n"
        sys.stdout.write(line)
    for task, value in milliseconds.items():
        sys.stdout.write(f"{label:14} {task:63} {value:7.1f} CPU ms\n")
    sys.stdout.flush()


def _print_packs(lookers: dict[str, Looker]) -> None:
    """Photos of people in which the largest face of two packs is another one."""
    (first, base), *others = [(name, looker.remembered()) for name, looker in lookers.items()]
    for name, looks in others:
        common = base.keys() & looks.keys()
        differing = [
            photo
            for photo in sorted(common)
            if not agree(base[photo].largest, looks[photo].largest)
        ]
        sys.stdout.write(f"{first} and {name} differ in {len(differing)} of {len(common)} photos\n")
        sys.stdout.writelines(f"    {photo}\n" for photo in differing)


def _write(
    options: argparse.Namespace, label: str, tallies: list[Tally], milliseconds: dict[str, float]
) -> None:
    NAMES.mkdir(parents=True, exist_ok=True)
    failed = [{**tally.row(), "failed": tally.failed} for tally in tallies]
    path = NAMES / f"{label.replace(' ', '-').replace(',', '')}.json"
    path.write_text(json.dumps(failed, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"the names of all that failed: {path}\n")
    if not options.keep:
        return
    runs = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    before = runs.get(label, {"rows": [], "cpu_ms": {}})
    rows = {(row["figure"], row["set"]): row for row in before["rows"]}
    everything = set(FIGURES) <= set(options.only)
    rows |= {
        (tally.figure, tally.set): tally.row()
        for tally in tallies
        if everything or tally.figure != AGREEMENT
    }
    runs[label] = {
        "machine": machine.describe(),
        "rows": list(rows.values()),
        "cpu_ms": before["cpu_ms"] | milliseconds,
    }
    RESULTS.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.wholeness", description=__doc__)
    parser.add_argument("--packs", type=_names, default=["open", "scrfd"])
    parser.add_argument("--only", type=_names, default=[*FIGURES, "speed"])
    parser.add_argument("--quick", action="store_true", help="a fifth of all pictures")
    parser.add_argument(
        "--keep", action="store_true", help="put the counts into bench/results/wholeness.json"
    )
    parser.add_argument("--label", default="", help="stands before the pack's name in the results")
    parser.add_argument("--lfw", type=Path, help="a folder for each person, upright photos")
    parser.add_argument("--every", type=int, default=3, help="of the people of --lfw")
    parser.add_argument("--models", type=Path, default=LOCAL / "models")
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    return parser


def _names(text: str) -> list[str]:
    return text.split(",")


if __name__ == "__main__":
    sys.exit(main())
