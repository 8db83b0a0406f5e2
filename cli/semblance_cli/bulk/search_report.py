"""The report of search-folder: a table of matches before the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from semblance_cli.bulk.delivery import Item
from semblance_cli.bulk.outcome import FOUND, NO_FACE, TOO_LARGE, UNKNOWN, kind_of
from semblance_cli.bulk.report import Report, Row
from semblance_cli.terminal import count, output

if TYPE_CHECKING:
    from semblance_cli.bulk.results import BoundingBox, FaceMatch, SearchedFace

_EDGES = ("left", "top", "width", "height")


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
                "--resend searches again, also the faces indexed since)"
            )

    def print(self) -> None:
        if any(map(_faces, self.items)):
            output().print(self._table())
        super().print()

    def _table(self) -> Table:
        table = Table(box=SIMPLE_HEAD)
        table.add_column("photo", overflow="fold")
        table.add_column("face", justify="right")
        table.add_column("name", overflow="fold")
        table.add_column("similarity", justify="right")
        for item in self.items:
            faces = _faces(item)
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
            row: Row = {"file": item.photo.file, "outcome": kind, "reason": reason}
            faces = _faces(item)
            for number, face in enumerate(faces, 1):
                of_face: Row = {
                    **row,
                    "face": number,
                    "reason": " ".join(face["Reasons"]),
                    **_place(face["BoundingBox"]),
                }
                for match in face["FaceMatches"] or (None,):
                    yield {**of_face, **_matched(match)}
            if not faces:
                yield {**row, **dict.fromkeys(["face", *_EDGES], ""), **_matched(None)}
        for file in self.too_large:
            yield {"file": file, "outcome": TOO_LARGE}


def _faces(item: Item) -> list[SearchedFace]:
    return item.result.get("Faces", []) if item.result else []


def _place(box: BoundingBox) -> Row:
    edges = (box["Left"], box["Top"], box["Width"], box["Height"])
    return {name: round(edge, 6) for name, edge in zip(_EDGES, edges, strict=True)}


def _matched(match: FaceMatch | None) -> Row:
    if match is None:
        return {"name": "", "similarity": "", "face_id": ""}
    face = match["Face"]
    return {
        "name": face.get("ExternalImageId", ""),
        "similarity": match["Similarity"],
        "face_id": face["FaceId"],
    }
