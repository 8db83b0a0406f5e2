"""The page: one HTML file with everything in it, for a browser, light or dark."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from semblance_cli.accuracy import rates, sheet, wording
from semblance_cli.accuracy.enrolment import Enrolment, Remark
from semblance_cli.accuracy.measurement import (
    FALSE_MATCHES_A_SEARCH,
    SIMILARITIES,
    Group,
    Measurement,
    Point,
    Wanted,
)
from semblance_cli.accuracy.sheet import Pair

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2327; --soft: #5c666f; --paper: #fff; --line: #d9dee2;
  --box: #f4f6f7; --good: #1f7a5e; --warn: #a24a1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ea; --soft: #a3adb5; --paper: #14181b;
  --line: #343b41; --box: #1d2327; --good: #5cc9a3; --warn: #f0a070; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.25rem 4rem; color: var(--ink);
  background: var(--paper); font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; }
p { max-width: 46rem; margin: .6rem 0; } .soft { color: var(--soft); font-size: .92rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.4rem 0; }
.tiles div { flex: 1 1 8.5rem; background: var(--box); border-radius: .6rem; padding: .7rem .9rem; }
.tiles b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.scroll { margin: .9rem 0; } td { white-space: nowrap; } td[colspan] { white-space: normal; }
th, td { padding: .4rem .9rem .4rem 0; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: top; } th { color: var(--soft); font-weight: 600; font-size: .88rem; }
svg { width: 100%; height: auto; margin: .5rem 0; }
.note { border-left: 3px solid var(--warn); background: var(--box); padding: .6rem .9rem;
  border-radius: 0 .4rem .4rem 0; max-width: 46rem; margin: .8rem 0; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1.1rem; }
figure { margin: 0; } figure img { width: 128px; height: 128px; border-radius: .35rem; }
figcaption { font-size: .82rem; color: var(--soft); overflow-wrap: anywhere; }
figcaption b { color: var(--ink); } details { margin: .5rem 0; } li { overflow-wrap: anywhere; }
"""


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    about: Sequence[tuple[str, str]]
    """Name and value of the pack, the filter and the like."""
    enrolment: Enrolment
    measurement: Measurement
    plot: str
    """SVG."""
    alike: Sequence[Pair]
    different: Sequence[Pair]


def html(contents: Contents) -> str:
    parts = [
        *_head(contents),
        *_thresholds(contents),
        *_gallery(contents.measurement),
        *_groups(contents.measurement.groups),
        *_doubtful(contents),
        *_enrolment(contents.enrolment),
        *_reading(),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Accuracy on your own people</title>\n<style>{_STYLE}</style>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _head(contents: Contents) -> Iterable[str]:
    found, enrolled = contents.measurement.distributions, contents.enrolment
    about = " · ".join(f"{escape(name)} {escape(value)}" for name, value in contents.about)
    yield "<h1>Accuracy on your own people</h1>"
    yield f'<p class="soft">{about}</p>'
    tiles = [
        (f"{found.people:,}", "people"),
        (f"{len(enrolled.enrolled):,}", f"faces, of {enrolled.photos:,} photos"),
        (f"{found.genuine.total:,}", f"pairs of one person, of {found.people_with_pairs:,} people"),
        (f"{found.impostor.total:,}", "pairs of two people"),
    ]
    cells = "".join(f"<div><b>{number}</b>{words}</div>" for number, words in tiles)
    yield f'<div class="tiles">{cells}</div>'
    yield f'<p class="note">{wording.support(contents.measurement)}</p>'


def _thresholds(contents: Contents) -> Iterable[str]:
    measurement = contents.measurement
    yield "<h2>What a threshold means for your people</h2>"
    yield _table(
        ("similarity", "false acceptance (FAR), 95 %", "true acceptance (TAR), 95 %"),
        [_point(point) for point in measurement.points],
    )
    if measurement.wanted:
        yield "<h2>Thresholds for the rates that you asked for</h2>"
        yield _table(
            ("FAR of at most", "similarity", "FAR, 95 %", "TAR, 95 %"),
            [_wanted(wording.small(wanted.far), wanted) for wanted in measurement.wanted],
        )
    yield contents.plot


def _gallery(measurement: Measurement) -> Iterable[str]:
    people = measurement.gallery
    if not people:
        return
    yield f"<h2>A gallery of {people:,} people, with a face each</h2>"
    yield _table(
        ("similarity", "false matches a search, 95 %"),
        [
            (wording.similarity(point.similarity), wording.false_matches(point.far, people))
            for point in measurement.points
        ],
    )
    yield _table(
        ("false matches a search of at most", "similarity", "FAR, 95 %", "TAR, 95 %"),
        [
            _wanted(f"{number:g}", wanted)
            for number, wanted in zip(FALSE_MATCHES_A_SEARCH, measurement.for_gallery, strict=True)
        ],
    )


def _groups(groups: Sequence[Group]) -> Iterable[str]:
    if not groups:
        return
    yield "<h2>By group</h2>"
    yield "<p>The FAR of a group is that among its own people.</p>"
    rows = [
        (escape(group.name), f"{group.people:,}", f"{group.people_with_pairs:,}", *_point(point))
        for point_number in range(len(SIMILARITIES))
        for group in groups
        for point in [group.points[point_number]]
    ]
    columns = ("group", "people", "with 2 photos", "similarity", "FAR, 95 %", "TAR, 95 %")
    yield _table(columns, rows)
    for line in wording.fairness(groups):
        yield f'<p class="note">{escape(line)}</p>'


def _doubtful(contents: Contents) -> Iterable[str]:
    yield "<h2>Pairs to look at</h2>"
    if not contents.alike and not contents.different:
        yield "<p>None: no two names look like one person, and no name like two people.</p>"
        return
    yield (
        "<p>A wrong label counts as an error of the model. If you see one, mend the folder and run "
        "the command again: it reads only what has changed.</p>"
    )
    for title, pairs in (
        ("Two names, perhaps one person", contents.alike),
        ("One name, perhaps two people", contents.different),
    ):
        if pairs:
            figures = "".join(map(_figure, pairs))
            yield f'<h3>{title}</h3><div class="pairs">{figures}</div>'


def _figure(pair: Pair) -> str:
    images = " ".join(
        f'<img alt="" src="data:image/jpeg;base64,{b64encode(sheet.jpeg(face)).decode()}">'
        for face in pair.faces
    )
    one, other = map(escape, pair.files)
    return (
        f"<figure>{images}<figcaption><b>{pair.number}: similarity {pair.similarity:.2f}</b><br>"
        f"{one}<br>{other}</figcaption></figure>"
    )


def _enrolment(enrolled: Enrolment) -> Iterable[str]:
    share = enrolled.failed / enrolled.photos if enrolled.photos else 0
    yield "<h2>Photos that are not measured</h2>"
    yield (
        f"<p>{enrolled.failed:,} of {enrolled.photos:,} photos ({100 * share:.1f} %) would not be "
        "enrolled: the failure-to-enrol rate. The rates above are of the others.</p>"
    )
    for title, remarks in (
        ("refused as no photo that Semblance reads", enrolled.refused),
        ("no face found", enrolled.without_face),
        ("dropped by the quality filter", enrolled.dropped),
        ("the same file twice under one name, counted once", enrolled.twice),
        ("with several faces, of which one is measured", enrolled.several),
    ):
        if remarks:
            yield _remarks(title, remarks)


def _remarks(title: str, remarks: Sequence[Remark]) -> str:
    items = "".join(
        f"<li>{escape(each.file)}{': ' if each.why else ''}{escape(each.why)}</li>"
        for each in remarks
    )
    return f"<details><summary>{len(remarks):,} {title}</summary><ul>{items}</ul></details>"


def _reading() -> Iterable[str]:
    yield "<h2>How to read this</h2>"
    yield (
        "<p>FAR is the share of comparisons of two people that a threshold lets pass; TAR is the "
        "share of comparisons of one person that it finds. In brackets is the range in which the "
        "true rate lies with 95 % confidence, for people like these and photos like these. It "
        "counts people and not pairs: a person with many look-alikes is in all of their false "
        "matches, so that pairs are no independent trials.</p>"
    )
    yield (
        f"<p>Without a single false match among n pairs of people, the FAR is below "
        f"{rates.RULE_OF_THREE} / n (rule of three); with {rates.RULE_OF_THIRTY} false matches it "
        "is known to 30 % (rule of thirty). Nothing is extrapolated below that.</p>"
    )
    yield (
        '<p class="soft">This page shows faces and names of files: treat it as the photos '
        "themselves.</p>"
    )


def _point(point: Point) -> tuple[str, str, str]:
    return (
        wording.similarity(point.similarity), wording.far(point.far), wording.tar(point.tar),
    )  # fmt: skip


def _wanted(wish: str, wanted: Wanted) -> tuple[str, ...]:
    if wanted.point is None:
        return wish, wording.missing(wanted)
    return wish, *_point(wanted.point)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{each}</th>" for each in header)
    body = "".join(f"<tr>{_cells(row, len(header))}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div>"
    )


def _cells(row: Sequence[str], columns: int) -> str:
    """The last cell of a short row takes the rest."""
    rest = columns - len(row) + 1
    last = f'<td colspan="{rest}">' if rest > 1 else "<td>"
    return "".join(f"<td>{each}</td>" for each in row[:-1]) + f"{last}{row[-1]}</td>"
