"""The plots of docs/performance.md: light, with labels at the ends of their lines."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from bench.figures import (
    PictureRow,
    Pictures,
    Search,
    SearchRow,
    StartRow,
    Starts,
    picture_rows,
    search_rows,
    start_rows,
)

OURS, INK, FAINT = "#0b6e4f", "#333333", "#d9d9d9"
COLOURS = {
    "ours": OURS,
    "numpy": "#8d99ae",
    "faiss flat": "#d1603d",
    "faiss SQ8": "#e0a458",
    "usearch exact": "#7b5ea7",
    "simsimd int8": "#3a7ca5",
}
STYLE = {
    "svg.hashsalt": "semblance",  # the same results, the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "grid.color": "#eeeeee",
}


def draw_search(figure: Search, into: Path) -> None:
    """Latency by size: rivals on the embedder's 512 numbers and on Semblance's 160."""
    with mpl.rc_context(STYLE):
        canvas, (left, right) = plt.subplots(1, 2, figsize=(10.5, 5.2), sharey=True)
        rows = search_rows(figure["rows"])
        _lines(left, rows, 512)
        _lines(right, rows, 160)
        left.set_title("each rival on 512 numbers, as the model gives them")
        right.set_title("each rival on the same 160 numbers as we")
        left.set_ylabel("milliseconds a search, median")
        _save(canvas, into / "search.svg")


def _lines(axes: Axes, rows: list[SearchRow], dims: int) -> None:
    drawn = []
    for engine, colour in COLOURS.items():
        for threads in (1, 2):
            wanted = engine, 160 if engine == "ours" else dims, threads
            points = _points(rows, *wanted)
            if not points or (threads == 2 and engine not in ("ours", "simsimd int8")):
                continue
            sizes, times = zip(*sorted(points.items()), strict=True)
            style = {"linestyle": "-" if threads == 1 else "--", "color": colour}
            width = 2.6 if engine == "ours" else 1.4
            axes.plot(sizes, times, marker="o", markersize=3, linewidth=width, **style)
            name = "Semblance" if engine == "ours" else engine
            label = f"{name}, {threads} thread{'s' if threads > 1 else ''}"
            drawn.append((times[-1], sizes[-1], label, colour))
    _scales(axes)
    _label_ends(axes, drawn)


def _points(rows: list[SearchRow], engine: str, dims: int, threads: int) -> dict[int, float]:
    return {
        row["faces"]: row["ms"]["median"]
        for row in reversed(rows)
        if (row["engine"], row["dims"], row["threads"]) == (engine, dims, threads)
    }


def _scales(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(visible=True, which="major")
    axes.set_axisbelow(True)
    axes.set_xlabel("faces in the collection")
    axes.xaxis.set_major_formatter(lambda value, _: _count(value))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.margins(x=0.02)


def _label_ends(axes: Axes, drawn: list[tuple[float, float, str, str]]) -> None:
    """Put a label beside each last point, and move labels apart that would overlap."""
    lowest = 0.0
    for time, size, label, colour in sorted(drawn):
        place = max(time, lowest * 1.28)
        lowest = place
        axes.annotate(
            label, (size, time), (size * 1.25, place), color=colour, va="center", fontsize=8.5,
            annotation_clip=False,
        )  # fmt: skip
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * 9)


def draw_pictures(figure: Pictures, into: Path) -> None:
    rows = picture_rows(figure["rows"])
    tasks = list(dict.fromkeys(row["task"] for row in rows))
    with mpl.rc_context(STYLE):
        canvas, every = plt.subplots(1, len(tasks), figsize=(10.5, 2.6))
        for axes, task in zip(every, tasks, strict=True):
            _bars(axes, [row for row in rows if row["task"] == task])
            axes.set_title(task)
        for axes in every[1:]:
            axes.set_yticklabels([])
        _save(canvas, into / "pictures.svg")


def draw_starts(figure: Starts, into: Path) -> None:
    with mpl.rc_context(STYLE):
        canvas, axes = plt.subplots(figsize=(10.5, 1.9))
        _bars(axes, start_rows(figure["rows"]))
        axes.set_title("from the start of a process to its first answer")
        _save(canvas, into / "starts.svg")


def _bars(axes: Axes, rows: Sequence[PictureRow | StartRow]) -> None:
    """A bar far longer than the others is cut, with an arrow behind its number."""
    rows = rows[::-1]
    times = [row["ms"]["median"] for row in rows]
    most = 1.6 * sorted(times)[-2]
    colours = [OURS if row["label"].startswith("Semblance") else "#b8c0cc" for row in rows]
    axes.barh([row["label"] for row in rows], times, color=colours, height=0.62)
    for place, time in enumerate(times):
        cut = time > most
        text = f"{time:,.0f} ms \N{RIGHTWARDS ARROW}" if cut else f"{time:,.0f} ms"
        axes.text(
            most * 0.98 if cut else time + most * 0.01, place, text,
            va="center", ha="right" if cut else "left", fontsize=9,
        )  # fmt: skip
    axes.set_xlim(0, most)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)


def _count(value: float) -> str:
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value:,.0f}"


def _save(canvas: Any, path: Path) -> None:
    canvas.tight_layout()
    canvas.savefig(path, metadata={"Date": None})
    plt.close(canvas)


DRAWN: dict[str, Callable[[Any, Path], None]] = {
    "search": draw_search,
    "pictures": draw_pictures,
    "starts": draw_starts,
}
