"""What search-folder has to say: a table of matches before the summary."""

from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.markup import escape
from rich.table import Table

from semblance_cli.bulk.outcome import FOUND, NO_FACE, TOO_LARGE, UNKNOWN, Row, kind_of
from semblance_cli.bulk.report import Report, console, count


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

    def print(self) -> None:
        if any(item.result and item.result.get("Faces") for item in self.items):
            console().print(self._table())
        super().print()

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
