"""The figures as tables for the documents: each is a function of its results."""

from collections.abc import Iterable
from typing import Any

Figure = dict[str, Any]
_MEBI = 2**20


def machine(figure: Figure) -> str:
    told = figure["machine"]
    versions = ", ".join(
        f"{name} {version}" for name, version in told["packages"].items() if version[0].isdigit()
    )
    return (
        f"Measured {told['at']} on {told['processor']}, {told['cores']} cores, "
        f"{told['memory_gib']} GiB ({', '.join(told['flags'])}), Python {told['python']}; load of "
        f"the machine {told['load_average'][0]} before and {told['load_average_after'][0]} after; "
        f"{figure['rounds']} rounds. {versions}."
    )


def statistics(figure: Figure) -> str:
    rows = [(name.replace("_", " "), f"{value:.4f}") for name, value in figure["vectors"].items()]
    return _table(("of the generated vectors", "measured"), rows)


def million(figure: Figure) -> str:
    """The size nearest to a million that was measured, every engine."""
    size = min({row["faces"] for row in figure["rows"]}, key=lambda faces: abs(faces - 10**6))
    rows = [row for row in figure["rows"] if row["faces"] == size and "ms" in row]
    ours = {row["threads"]: row["ms"]["median"] for row in _once(rows) if row["engine"] == "ours"}
    header = (
        f"{size:,} faces, top {figure['top']}", "ms", "min to max", "CPU ms",
        "times ours, as many threads",
        "of the exact top", "same order", "bytes a face",
    )  # fmt: skip
    body = [
        (
            row["label"], _ms(row["ms"]["median"]), _span(row["ms"]), _ms(row["cpu_ms"]["median"]),
            f"{row['ms']['median'] / ours[row['threads']]:.1f}",
            f"{100 * row['found']:.2f} %", f"{100 * row['same_order']:.0f} %",
            f"{row['bytes_a_face']:,.0f}",
        )
        for row in _once(rows)
    ]  # fmt: skip
    return _table(header, body)


def sizes(figure: Figure) -> str:
    """Median milliseconds of every engine and size."""
    counts = sorted({row["faces"] for row in figure["rows"]})
    labels = list(dict.fromkeys(row["label"] for row in figure["rows"]))
    cells = {(row["label"], row["faces"]): _cell(row) for row in reversed(figure["rows"])}
    body = [(label, *(cells.get((label, count), "") for count in counts)) for label in labels]
    return _table(("ms", *(f"{count:,}" for count in counts)), body)


def pictures(figure: Figure) -> str:
    rows = [row for row in figure["rows"] if "ms" in row]
    header = ("", "ms", "min to max", "CPU ms", "faces found", "peak memory, MiB")
    body = []
    for task in dict.fromkeys(row["task"] for row in rows):
        body.append((f"**{task}**", "", "", "", "", ""))
        body += [
            (
                row["label"], _ms(row["ms"]["median"]), _span(row["ms"]),
                _ms(row["cpu_ms"]["median"]), str(row["faces"]),
                f"{row['peak_rss_bytes'] / _MEBI:,.0f}",
            )
            for row in rows
            if row["task"] == task
        ]  # fmt: skip
    return _table(header, body)


def starts(figure: Figure) -> str:
    body = [
        (row["label"], _ms(row["ms"]["median"]), _span(row["ms"]), _ms(row["cpu_ms"]["median"]))
        for row in figure["rows"]
        if "ms" in row
    ]
    return _table(("process start to first answer", "ms", "min to max", "CPU ms"), body)


def steps(figure: Figure) -> str:
    body = [(row["step"], _ms(row["ms"]), _ms(row["cpu_ms"])) for row in figure["steps"]]
    return _table(("one step after the other", "ms", "CPU ms"), body)


def large(figure: Figure) -> str:
    body = [
        ("faces", f"{figure['faces']:,}"),
        ("threads", str(figure["threads"])),
        ("ms a search, median", _ms(figure["ms"]["median"])),
        ("ms a search, min to max", _span(figure["ms"])),
        ("snapshot on disk opened to first answer", f"{figure['first_answer_seconds']:.1f} s"),
        ("resident memory", f"{figure['rss_bytes'] / 2**30:.2f} GiB"),
        ("peak resident memory", f"{figure['peak_rss_bytes'] / 2**30:.2f} GiB"),
        ("bytes a face", f"{figure['bytes_a_face']:.1f}"),
        ("of the exact top 80", f"{100 * figure['found']:.2f} %"),
        ("searches in the exact order", f"{100 * figure['same_order']:.0f} %"),
    ]  # fmt: skip
    return _table(("", ""), body)


def load(figure: Figure) -> str:
    body = [
        (
            str(row["clients"]),
            f"{row['calls_a_second']['median']:.1f}",
            _ms(row["ms"]["median"]),
            _span(row["ms"]),
        )
        for row in figure["rows"]
    ]
    return _table(("clients at once", "calls a second", "ms a call", "min to max"), body)


def _once(rows: list[Any]) -> list[Any]:
    """Ours is in every group of engines that fit into memory together: the first time counts."""
    return list({row["label"]: row for row in reversed(rows)}.values())[::-1]


def _cell(row: Any) -> str:
    return _ms(row["ms"]["median"]) if "ms" in row else "does not fit"


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _span(values: dict[str, float]) -> str:
    return f"{_ms(values['min'])} to {_ms(values['max'])}"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(header)
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
