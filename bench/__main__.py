"""Measures each figure beside its rivals, writes bench/results/ and draws the plots there.

`python -m bench`, or `make bench`.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from bench import large, load, machine, pictures, rounds, search, starts
from bench.figures import Figure, Head
from bench.workers import LOCAL, ROOT

RESULTS = ROOT / "bench" / "results"


def _accuracy(given: argparse.Namespace) -> Figure:
    # Imported late: it runs in .venv with the command's packages, which the rivals' has not.
    from bench import accuracy

    return accuracy.measure(given.people, given.models, given.data, given.packs)


FIGURES: dict[str, Callable[[argparse.Namespace], Figure]] = {
    "search": lambda given: search.measure(given.sizes, given.rounds, given.data),
    "large": lambda given: large.measure(max(given.sizes), given.rounds, given.data),
    "pictures": lambda given: pictures.measure(given.faces, given.rounds, given.data),
    "starts": lambda given: starts.measure(given.faces, given.rounds, given.data),
    "load": lambda given: load.measure(given.faces, given.rounds, given.data),
    "accuracy": _accuracy,
}
_ACCURACY = "accuracy"
_FACES = 100_000


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.only is None:
        options.only = [name for name in FIGURES if options.people or name != _ACCURACY]
    if _ACCURACY in options.only and not options.people:
        parser.error("accuracy needs --people DIR, a folder with a folder for each person")
    for name in options.only:
        before = machine.describe()
        figure = FIGURES[name](options)
        after = machine.describe()["load_average"]
        head: Head = {
            "machine": {**before, "load_average_after": after},
            "rounds": options.rounds,
        }
        options.into.mkdir(parents=True, exist_ok=True)
        path = options.into / f"{name}.json"
        path.write_text(json.dumps({**head, **figure}, indent=1) + "\n", encoding="utf-8")
        sys.stderr.write(f"{name}: {path}\n")
        if not options.no_plots:
            _draw(name, figure, options.into)
    return 0


def _draw(name: str, figure: Figure, into: Path) -> None:
    from bench.plots import DRAWN

    if name in DRAWN:
        DRAWN[name](figure, into)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", type=_names, help="figures, separated by commas (accuracy needs --people)"
    )
    parser.add_argument(
        "--sizes", type=_sizes, default=search.SIZES, help="faces, separated by commas"
    )
    parser.add_argument(
        "--faces", type=int, default=_FACES, help="faces in the collection of the other figures"
    )
    parser.add_argument("--rounds", type=int, default=rounds.ROUNDS, help="at least 7 to publish")
    parser.add_argument("--people", type=Path, help="a folder with a folder for each person")
    parser.add_argument("--packs", type=_list, default=(), help="packs to measure (default: all)")
    parser.add_argument("--models", type=Path, default=LOCAL / "models")
    parser.add_argument("--data", type=Path, default=LOCAL / "bench-data", help="generated faces")
    parser.add_argument("--no-plots", action="store_true")
    parser.add_argument("--into", type=Path, default=RESULTS)
    return parser


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - FIGURES.keys():
        raise argparse.ArgumentTypeError(
            f"no such figure: {', '.join(sorted(unknown))}; choose from {', '.join(FIGURES)}"
        )
    return names


def _list(text: str) -> list[str]:
    return text.split(",")


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
