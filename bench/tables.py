"""Figures as Markdown tables, one function for each table of the documents."""

from collections.abc import Iterable

from bench.figures import (
    Head,
    Large,
    Load,
    Pictures,
    Search,
    SearchLeftOut,
    SearchRow,
    Starts,
    Summary,
    picture_rows,
    search_rows,
    start_rows,
)

_MEBI = 2**20


def machine(figure: Head) -> str:
    on = figure["machine"]
    versions = ", ".join(
        f"{name} {version}" for name, version in on["packages"].items() if version[0].isdigit()
    )
    return (
        f"Measured {on['at']} on {on['processor']}, {on['cores']} cores, "
        f"{on['memory_gib']} GiB ({', '.join(on['flags'])}), Python {on['python']}; load of "
        f"the machine {on['load_average'][0]} before and {on['load_average_after'][0]} after; "
        f"{figure['rounds']} rounds. {versions}."
    )


def statistics(figure: Search) -> str:
    rows = [(name.replace("_", " "), f"{value:.4f}") for name, value in figure["vectors"].items()]
    return table(("of the generated vectors", "measured"), rows)


def million(figure: Search) -> str:
    """Every engine, at the measured size that is nearest to a million."""
    size = near_a_million(figure)
    rows = _once([row for row in search_rows(figure["rows"]) if row["faces"] == size])
    ours = {row["threads"]: row["ms"]["median"] for row in rows if row["engine"] == "ours"}
    header = (
        f"{size:,} faces, top {figure['top']}", "ms", "min to max", "CPU ms",
        "times Semblance, same threads",
        "of the exact top", "same order", "bytes a face",
    )  # fmt: skip
    body = [
        (
            row["label"], _ms(row["ms"]["median"]), _span(row["ms"]), _ms(row["cpu_ms"]["median"]),
            f"{row['ms']['median'] / ours[row['threads']]:.1f}",
            f"{100 * row['found']:.2f} %", f"{100 * row['same_order']:.0f} %",
            f"{row['bytes_a_face']:,.0f}",
        )
        for row in rows
    ]  # fmt: skip
    return table(header, body)


def near_a_million(figure: Search) -> int:
    return min({row["faces"] for row in figure["rows"]}, key=lambda faces: abs(faces - 10**6))


def sizes(figure: Search) -> str:
    """Median milliseconds of every engine and size."""
    counts = sorted({row["faces"] for row in figure["rows"]})
    labels = list(dict.fromkeys(row["label"] for row in figure["rows"]))
    cells = {(row["label"], row["faces"]): _cell(row) for row in reversed(figure["rows"])}
    body = [(label, *(cells.get((label, count), "") for count in counts)) for label in labels]
    return table(("ms", *(f"{count:,}" for count in counts)), body)


def pictures(figure: Pictures) -> str:
    rows = picture_rows(figure["rows"])
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
    return table(header, body)


def starts(figure: Starts) -> str:
    body = [
        (row["label"], _ms(row["ms"]["median"]), _span(row["ms"]), _ms(row["cpu_ms"]["median"]))
        for row in start_rows(figure["rows"])
    ]
    return table(("process start to first answer", "ms", "min to max", "CPU ms"), body)


def steps(figure: Starts) -> str:
    body = [(row["step"], _ms(row["ms"]), _ms(row["cpu_ms"])) for row in figure["steps"]]
    return table(("one step after the other", "ms", "CPU ms"), body)


def large(figure: Large) -> str:
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
    return table(("", ""), body)


def load(figure: Load) -> str:
    body = [
        (
            str(row["clients"]),
            f"{row['calls_a_second']['median']:.1f}",
            _ms(row["ms"]["median"]),
            _span(row["ms"]),
        )
        for row in figure["rows"]
    ]
    return table(("clients at once", "calls a second", "ms a call", "min to max"), body)


def _once(rows: list[SearchRow]) -> list[SearchRow]:
    """Semblance is measured again with every group of engines: its first measurement counts."""
    return list({row["label"]: row for row in reversed(rows)}.values())[::-1]


def _cell(row: SearchRow | SearchLeftOut) -> str:
    return _ms(row["ms"]["median"]) if "ms" in row else "does not fit"


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _span(values: Summary) -> str:
    return f"{_ms(values['min'])} to {_ms(values['max'])}"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(header)
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
