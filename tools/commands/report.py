"""What became of a folder's photos: a summary for the terminal, a table, CSV and JSON."""

import csv
import json
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tools.commands.delivery import Item, State
from tools.commands.folder import external_image_id

FORMATS = (".csv", ".json")
DEAD_LETTERS = "python -m tools.dead_letters list"
_PIPED_COLUMNS = 200
_MOST_LISTED = 20

# The kinds of outcome, as CSV and JSON have them.
INDEXED, BEFORE, NO_USABLE_FACE = "indexed", "indexed before", "no usable face"
FOUND, UNKNOWN = "found", "nobody found"
NO_FACE, REJECTED, FAILED, MISSING, TOO_LARGE = (
    "no face", "rejected", "not sent", "no result", "too large"
)  # fmt: skip

Row = dict[str, Any]


def console() -> Console:
    """On stdout; a pipe gets lines as long as they need to be."""
    made = Console(highlight=False)
    if not made.is_terminal:
        made = Console(highlight=False, width=_PIPED_COLUMNS)
    return made


def listed(files: list[str]) -> str:
    more = f" and {len(files) - _MOST_LISTED} more" if len(files) > _MOST_LISTED else ""
    return ", ".join(files[:_MOST_LISTED]) + more


def first(lines: list[str], indent: str) -> list[str]:
    more = len(lines) - _MOST_LISTED
    return lines[:_MOST_LISTED] + ([f"{indent}and {more} more"] if more > 0 else [])


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def image_ids(item: Item) -> set[str]:
    records = item.result.get("FaceRecords", ()) if item.result else ()
    return {record["Face"]["ImageId"] for record in records}


def kind_of(item: Item) -> tuple[str, str]:
    """The kind of outcome, and why it is not a better one."""
    if item.result is None:
        kinds = {
            State.INDEXED_BEFORE: (BEFORE, ""),
            State.FAILED: (FAILED, item.problem or ""),
        }
        return kinds.get(item.state, (MISSING, ""))
    return _kind_of_result(item.result)


def _kind_of_result(result: Row) -> tuple[str, str]:
    error = result.get("Error", {})
    if result["Outcome"] == "FacesIndexed":
        if result["FaceRecords"]:
            return INDEXED, ""
        return NO_USABLE_FACE, " ".join(sorted(_reasons(result["UnindexedFaces"])))
    if result["Outcome"] == "FacesSearched":
        return (FOUND if any(face["FaceMatches"] for face in result["Faces"]) else UNKNOWN), ""
    message = error.get("Message", "")
    if "no faces" in message:
        return NO_FACE, ""
    return REJECTED, f"{error.get('Code', result['Outcome'])}: {message}"


def _reasons(faces: Iterable[Row]) -> Counter[str]:
    return Counter(reason for face in faces for reason in face["Reasons"])


def print_plan(items: list[Item], too_large: list[str], address: str) -> None:
    out = console()
    to_send = [item for item in items if item.state is State.TO_SEND]
    megabytes = sum(item.photo.size for item in to_send) / 1e6
    out.print(f"Would send {count(len(to_send), 'photo')}, {megabytes:,.1f} MB, to {address}")
    lines = [f"  {item.photo.file} -> {item.key}" for item in to_send]
    for line in first(lines, "  "):
        out.print(line, markup=False, soft_wrap=True)
    for state, words in (
        (State.INDEXED_BEFORE, "in the collection already"),
        (State.ANSWERED, "with a result already"),
        (State.WAITING, "sent already, result still to come"),
        (State.FAILED, "cannot be read"),
    ):
        if number := sum(item.state is state for item in items):
            out.print(f"{count(number, 'photo')} {words}")
    if too_large:
        out.print(f"Too large (15 MB is the most): {escape(listed(too_large))}", soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Report(ABC):
    collection: str
    items: list[Item]
    too_large: list[str]

    @abstractmethod
    def good(self) -> set[str]:
        """The kinds of outcome that are nobody's concern."""

    @abstractmethod
    def headlines(self) -> Iterator[str]:
        """What went as it should."""

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """For CSV, all with the same names."""

    def kinds(self) -> list[tuple[str, str, str]]:
        """Of every photo: kind, reason, file."""
        known = [(*kind_of(item), item.photo.file) for item in self.items]
        return known + [(TOO_LARGE, "", file) for file in self.too_large]

    def status(self) -> int:
        return int(any(kind not in self.good() for kind, _, _ in self.kinds()))

    def write(self, path: Path) -> None:
        if path.suffix == ".json":
            text = json.dumps(list(self._entries()), indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
            return
        rows = list(self.rows())
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def print(self, *, waited_s: float) -> None:
        out = console()
        kinds = self.kinds()
        out.print(f"[bold]{escape(self.collection)}[/]: {count(len(kinds), 'photo')}")
        for line in self.headlines():
            out.print(f"  {line}")
        self._print_trouble(out, kinds)
        missing = sum(kind == MISSING for kind, _, _ in kinds)
        if missing:
            self._print_advice(out, missing, waited_s)
        sys.stdout.flush()

    def _print_trouble(self, out: Console, kinds: list[tuple[str, str, str]]) -> None:
        for trouble in (NO_USABLE_FACE, NO_FACE, REJECTED, TOO_LARGE, FAILED, MISSING):
            files = [(reason, file) for kind, reason, file in kinds if kind == trouble]
            if not files:
                continue
            colour = "yellow" if trouble in self.good() else "red"
            out.print(f"  [{colour}]{len(files):>6,}  {trouble}[/]")
            by_reason: dict[str, list[str]] = {}
            for reason, file in files:
                by_reason.setdefault(reason, []).append(file)
            for reason, named in by_reason.items():
                text = f"{reason}: {listed(named)}" if reason else listed(named)
                out.print(f"          {text}", markup=False, soft_wrap=True)

    @staticmethod
    def _print_advice(out: Console, missing: int, waited_s: float) -> None:
        if not waited_s:
            out.print("\nThe same command without --wait 0 waits for the results.")
            return
        out.print(
            f"\nNothing new came for {waited_s:g} s. The same command later waits for "
            f"{'this one' if missing == 1 else f'these {missing:,}'} again and sends nothing "
            f"twice. A photo that failed three times waits in the dead-letter queue:\n"
            f"  {DEAD_LETTERS}",
            soft_wrap=True,
        )

    def _entries(self) -> Iterator[Row]:
        for item in self.items:
            kind, reason = kind_of(item)
            entry = {"file": item.photo.file, "key": item.key, "outcome": kind}
            yield entry | ({"reason": reason} if reason else {}) | {"result": item.result}
        for file in self.too_large:
            yield {"file": file, "key": None, "outcome": TOO_LARGE, "result": None}


class Import(Report):
    __slots__ = ()

    def good(self) -> set[str]:
        return {INDEXED, BEFORE}

    def headlines(self) -> Iterator[str]:
        indexed = [item.result for item in self.items if kind_of(item)[0] == INDEXED]
        faces = sum(len(result["FaceRecords"]) for result in indexed if result)
        before = sum(kind_of(item)[0] == BEFORE for item in self.items)
        if indexed or not before:
            yield f"[green]{len(indexed):>6,}  indexed[/], {count(faces, 'face')}"
        left_out = _reasons(
            face for result in indexed if result for face in result["UnindexedFaces"]
        )
        if left_out:
            told = ", ".join(f"{number} {reason}" for reason, number in left_out.most_common())
            yield f"        (faces left out of these: {told})"
        if before:
            yield f"[green]{before:>6,}  indexed before[/], not sent again"

    def rows(self) -> Iterator[Row]:
        for item in self.items:
            kind, reason = kind_of(item)
            records = (item.result or {}).get("FaceRecords", ())
            yield {
                "file": item.photo.file,
                "external_image_id": external_image_id(item.photo.name),
                "outcome": kind,
                "reason": reason,
                "faces": "" if kind == BEFORE else len(records),
                "face_ids": " ".join(record["Face"]["FaceId"] for record in records),
            }
        for file in self.too_large:
            yield {"file": file, "outcome": TOO_LARGE}


class Search(Report):
    __slots__ = ()

    def good(self) -> set[str]:
        return {FOUND, UNKNOWN, NO_FACE}

    def headlines(self) -> Iterator[str]:
        kinds = Counter(kind_of(item)[0] for item in self.items)
        yield f"[green]{kinds[FOUND]:>6,}  with somebody known[/]"
        yield f"{kinds[UNKNOWN]:>6,}  with nobody known"
        earlier = sum(item.earlier for item in self.items)
        if earlier:
            yield (
                f"        ({count(earlier, 'result')} of an earlier run; "
                "--resend searches anew what has been indexed since)"
            )

    def print(self, *, waited_s: float) -> None:
        if any(item.result and item.result.get("Faces") for item in self.items):
            console().print(self._table())
        super().print(waited_s=waited_s)

    def _table(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("photo", overflow="fold")
        table.add_column("face", justify="right")
        table.add_column("name", overflow="fold")
        table.add_column("similarity", justify="right")
        for item in self.items:
            faces = (item.result or {}).get("Faces", ())
            shown = escape(item.photo.file)
            for number, face in enumerate(faces, 1):
                of_face = str(number)
                for match in face["FaceMatches"]:
                    name = match["Face"].get("ExternalImageId", match["Face"]["FaceId"])
                    similarity = f"{match['Similarity']:.2f} %"
                    table.add_row(shown, of_face, escape(name), similarity)
                    shown = of_face = ""
            unknown = sum(not face["FaceMatches"] for face in faces)
            if unknown:
                others = count(unknown, "other face" if unknown < len(faces) else "face")
                table.add_row(shown, "", f"[dim]{others}, nobody known[/]", "")
        return table

    def rows(self) -> Iterator[Row]:
        for item in self.items:
            kind, reason = kind_of(item)
            row = {"file": item.photo.file, "outcome": kind, "reason": reason}
            faces = (item.result or {}).get("Faces", ())
            for number, face in enumerate(faces, 1):
                edges = face["BoundingBox"]
                where = {name.lower(): round(edges[name], 6) for name in _EDGES}
                of_face = row | {"face": number, "reason": " ".join(face["Reasons"])} | where
                yield from (of_face | _matched(match) for match in face["FaceMatches"] or (None,))
            if not faces:
                yield row | dict.fromkeys(["face", *map(str.lower, _EDGES)], "") | _matched(None)
        for file in self.too_large:
            yield {"file": file, "outcome": TOO_LARGE}


_EDGES = ("Left", "Top", "Width", "Height")


def _matched(match: Row | None) -> Row:
    if match is None:
        return {"name": "", "similarity": "", "face_id": ""}
    face = match["Face"]
    return {
        "name": face.get("ExternalImageId", ""),
        "similarity": match["Similarity"],
        "face_id": face["FaceId"],
    }
