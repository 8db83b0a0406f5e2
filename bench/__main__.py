"""`python -m bench`: measures each figure beside its rivals, writes bench/results/, draws plots."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import large, load, machine, pictures, rounds, search, starts
from bench.workers import LOCAL, ROOT

RESULTS = ROOT / "bench" / "results"

Figure = Callable[[argparse.Namespace], dict[str, Any]]

FIGURES: dict[str, Figure] = {
    "search": lambda given: search.measure(given.sizes, given.rounds, given.data),
    "large": lambda given: large.measure(max(given.sizes), given.rounds, given.data),
    "pictures": lambda given: pictures.measure(given.faces, given.rounds, given.data),
    "starts": lambda given: starts.measure(given.faces, given.rounds, given.data),
    "load": lambda given: load.measure(given.faces, given.rounds, given.data),
}
_FACES = 100_000


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    for name in options.only:
        before = machine.describe()
        figure = {"machine": before, "rounds": options.rounds} | FIGURES[name](options)
        figure["machine"]["load_average_after"] = machine.describe()["load_average"]
        options.into.mkdir(parents=True, exist_ok=True)
        path = options.into / f"{name}.json"
        path.write_text(json.dumps(figure, indent=1) + "\n", encoding="utf-8")
        sys.stderr.write(f"{name}: {path}\n")
        if not options.no_plots:
            _draw(name, figure, options.into)
    return 0


def _draw(name: str, figure: dict[str, Any], into: Path) -> None:
    from bench.plots import DRAWN

    if name in DRAWN:
        DRAWN[name](figure, into)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=_names, default=list(FIGURES), help="figures, by comma")
    parser.add_argument("--sizes", type=_sizes, default=search.SIZES, help="faces, by comma")
    parser.add_argument(
        "--faces", type=int, default=_FACES, help="of the collection where its size is no figure"
    )
    parser.add_argument("--rounds", type=int, default=rounds.ROUNDS, help="at least 7 to publish")
    parser.add_argument("--data", type=Path, default=LOCAL / "bench-data", help="generated faces")
    parser.add_argument("--no-plots", action="store_true")
    parser.add_argument("--into", type=Path, default=RESULTS)
    return parser


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - FIGURES.keys():
        raise argparse.ArgumentTypeError(f"{unknown} of {', '.join(FIGURES)}")
    return names


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
