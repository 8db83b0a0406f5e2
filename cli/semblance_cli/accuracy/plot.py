"""The plot: both distributions, and the true acceptance rate by the false one. SVG, whose ink is
the colour of the page's text."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from semblance_cli.accuracy.distributions import Cosines
from semblance_cli.accuracy.measurement import Measurement, Point

GENUINE, IMPOSTOR = "#1f9d78", "#d1603d"
_INK = "#123456"
"""Stands for the page's text colour until the SVG is written; nothing else is drawn in it."""
_FAINT = "#8a939c"
_WIDTH = 0.01
"""Of the bars, as cosines."""
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "semblance",  # the same results, the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _FAINT,
    "ytick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "text.color": _INK,
}


def svg(measurement: Measurement) -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(10.5, 4.2))
        left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        _distributions(left, measurement)
        _trade(right, measurement)
        figure.tight_layout(w_pad=3)
        text = io.StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    drawing = text.getvalue()
    return drawing[drawing.index("<svg") :].replace(_INK, "currentColor")


def _distributions(axes: Axes, measurement: Measurement) -> None:
    found = measurement.distributions
    drawn = [
        (found.impostor, IMPOSTOR, "different people"),
        (found.genuine, GENUINE, "the same person"),
    ]
    most = 0.0
    for cosines, colour, label in drawn:
        if cosines.total:
            edges, shares = _bars(cosines)
            axes.stairs(
                shares, [*edges, edges[-1] + _WIDTH], fill=True, color=colour, alpha=0.65,
                label=f"{label}, {cosines.total:,} pairs",
            )  # fmt: skip
            most = max(most, float(shares.max()))
    for place, point in enumerate(measurement.points):
        axes.axvline(point.cosine, color=_FAINT, linewidth=0.8, linestyle=(0, (4, 3)))
        above = (point.cosine, most * (1.02 + 0.05 * (place % 2)))
        axes.annotate(
            f"{point.similarity:g}", above, ha="center", fontsize=8, annotation_clip=False
        )
    axes.set_ylim(0, most * 1.02)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("cosine of two faces; dashed: thresholds of similarity")
    axes.legend(frameon=False, fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)


def _bars(cosines: Cosines) -> tuple[Any, Any]:
    edges, counts = cosines.coarse(_WIDTH)
    (filled,) = np.nonzero(counts)
    used = slice(filled[0], filled[-1] + 1)
    return edges[used], counts[used] / cosines.total


def _trade(axes: Axes, measurement: Measurement) -> None:
    """The part of the curve that so many people support, and each threshold with its intervals."""
    axes.set_xscale("log")
    axes.set_xlabel("false acceptance rate (FAR); gray: too few people to show it")
    axes.set_title("true acceptance rate (TAR)")
    axes.grid(visible=True, color=_FAINT, alpha=0.25)
    floor = measurement.lowest_far
    if measurement.distributions.genuine.total:
        fars = np.geomspace(max(min(floor, 1), 1e-9), 1, 200)
        found = measurement.distributions
        tars = [found.tar_at(found.threshold_at(far)) for far in fars]
        axes.plot(fars, tars, color=GENUINE, linewidth=2)
        for point in measurement.points:
            _mark(axes, point, floor)
    left = axes.get_xlim()[0]
    axes.axvspan(left, floor, color=_FAINT, alpha=0.18, linewidth=0)
    axes.set_xlim(left, 1)


def _mark(axes: Axes, point: Point, floor: float) -> None:
    far, tar = max(point.far.value, floor / 10), point.tar.value
    axes.errorbar(
        far, tar,
        xerr=[[far - max(point.far.low, floor / 10)], [max(point.far.high - far, 0)]]
        if point.far.hits else None,
        yerr=[[tar - point.tar.low], [point.tar.high - tar]],
        fmt="o", color=_INK, markersize=4, linewidth=1, capsize=2,
    )  # fmt: skip
    axes.annotate(
        f"{point.similarity:g}", (far, tar), (6, -12), textcoords="offset points", fontsize=9
    )
