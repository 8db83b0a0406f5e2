"""Turns stored data into what version 0.1.0 wrote, which named no codec."""

import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semblance.gallery.snapshot import HEADER_BYTES
from semblance.stores import transfer

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table
    from types_boto3_s3 import S3Client

_BEGIN = 12
"""Of the header's JSON: after the magic and its own length."""
_NAMED_NOW = ("model_id", "size", "largest")
_MARK_DIGITS = 8


def header_of(content: bytes) -> dict[str, Any]:
    """The header of a snapshot."""
    (length,) = struct.unpack_from("<I", content, 8)
    header: dict[str, Any] = json.loads(content[_BEGIN : _BEGIN + length])
    return header


def with_header(content: bytes, header: dict[str, Any], magic: bytes = b"SEMBGAL2") -> bytes:
    text = json.dumps(header).encode()
    start = magic + struct.pack("<I", len(text)) + text + struct.pack("<I", zlib.crc32(text))
    return start.ljust(HEADER_BYTES, b"\0") + content[HEADER_BYTES:]


def former_snapshot(content: bytes) -> bytes:
    header = {k: v for k, v in header_of(content).items() if k not in _NAMED_NOW}
    return with_header(content, header, b"SEMBGAL1")


def make_former(table: "Table", s3: "S3Client", bucket: str, path: Path) -> None:
    """Every change and every snapshot becomes version 0.1.0's. `path`: for a file to upload."""
    items: list[dict[str, Any]] = list(table.scan()["Items"])
    for item in items:
        if item["pk"].startswith("L#") and "model" in item:
            table.put_item(Item={k: v for k, v in item.items() if k != "model"})
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        content = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        path.write_bytes(former_snapshot(content))
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
        transfer.upload(s3, path, bucket, entry["Key"][:-_MARK_DIGITS], transfer.PART_BYTES)
