"""The report of import-folder."""

from collections.abc import Iterator

from semblance.contract.layout import external_image_id
from semblance_cli.bulk.outcome import BEFORE, INDEXED, TOO_LARGE, kind_of, reasons
from semblance_cli.bulk.report import Report, Row
from semblance_cli.terminal import count


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
        left_out = reasons(
            face for result in indexed if result for face in result["UnindexedFaces"]
        )
        if left_out:
            numbers = ", ".join(f"{number} {reason}" for reason, number in left_out.most_common())
            yield f"        (faces left out of these: {numbers})"
        if before:
            yield f"[green]{before:>6,}  indexed before[/], not sent again"

    def rows(self) -> Iterator[Row]:
        for item in self.items:
            kind, reason = kind_of(item)
            records = item.result.get("FaceRecords", []) if item.result else []
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
