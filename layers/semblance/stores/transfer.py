"""Uploads and downloads files in parts, several at once, and verifies a checksum of the whole.

It is the CRC-32 of the parts' CRC-32s, so the threads that move the parts compute it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import (
    ClientError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PART_BYTES = 8 * 1024 * 1024
"""S3 takes parts of 5 MiB and more, 10,000 at the most: 80 GiB."""
_PARTS_AT_ONCE = 8
_TRIES = 3
_GONE = {"404", "412", "NoSuchKey", "PreconditionFailed"}
_ABORTED = {"404", "NoSuchUpload"}
_BROKEN_OFF = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)


class Gone(Exception):  # noqa: N818  (an outcome that callers plan for)
    """The object was deleted or replaced while it was read."""


class Corrupt(Exception):  # noqa: N818
    """The content that was read differs from the content that was written."""


class StoredObject(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def etag(self) -> str: ...


def upload(s3: S3Client, path: Path, bucket: str, key: str, part_bytes: int) -> None:
    """Stores all of it or, when it raises, nothing; a killed process leaves parts behind."""
    size = path.stat().st_size
    with path.open("rb") as file, ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
        read = partial(_read_part, file.fileno(), part_bytes)
        numbers = range(_parts(size, part_bytes))
        checksum = _checksum(pool.map(lambda number: zlib.crc32(read(number)), numbers))
        place: Any = {"Bucket": bucket, "Key": key}
        metadata = {_name(part_bytes): checksum}
        if len(numbers) == 1:
            s3.put_object(**place, Body=read(0), Metadata=metadata)
            return
        begun = s3.create_multipart_upload(**place, Metadata=metadata, ChecksumAlgorithm="CRC32")
        place["UploadId"] = begun["UploadId"]
        try:
            parts = list(pool.map(partial(_send, s3, place, read), numbers))
            s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
        except BaseException:
            pool.shutdown(cancel_futures=True)  # a part sent after the abort would stay
            abort(s3, **place)
            raise


def abort(s3: S3Client, Bucket: str, Key: str, UploadId: str) -> None:  # noqa: N803  (S3's names)
    try:
        s3.abort_multipart_upload(Bucket=Bucket, Key=Key, UploadId=UploadId)
    except ClientError as exc:
        if exc.response["Error"]["Code"] not in _ABORTED:
            raise


def download(s3: S3Client, bucket: str, stored: StoredObject, path: Path, part_bytes: int) -> None:
    """Raises Gone, Corrupt, or FileExistsError rather than overwrite a file."""
    if not stored.size_bytes:
        raise Corrupt("it is empty")
    with path.open("xb") as file, ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
        file.truncate(stored.size_bytes)
        numbers = range(_parts(stored.size_bytes, part_bytes))
        fetch = partial(_fetch, s3, bucket, stored, part_bytes, file.fileno())
        try:
            parts = list(pool.map(fetch, numbers))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    promised = {checksum for checksum, _ in parts}
    if promised != {_checksum(checksum for _, checksum in parts)}:
        raise Corrupt("its checksum is wrong" if all(promised) else "it has no checksum")


def _send(s3: S3Client, place: dict[str, Any], read: Callable[[int], bytes], number: int) -> Any:
    part = {"PartNumber": number + 1}
    sent = s3.upload_part(**place, **part, Body=read(number), ChecksumAlgorithm="CRC32")  # type: ignore[arg-type]
    names = sent.keys() & {"ETag", "ChecksumCRC32"}
    return part | {name: sent[name] for name in names}  # type: ignore[literal-required]


def _fetch(
    s3: S3Client, bucket: str, stored: StoredObject, part_bytes: int, file: int, number: int
) -> tuple[str, int]:
    """Copies one part. The checksum that the object's metadata promises, and the part's own."""
    start = number * part_bytes
    end = min(start + part_bytes, stored.size_bytes)
    content, metadata = _range(s3, bucket, stored, start, end)
    os.pwrite(file, content, start)
    return metadata.get(_name(part_bytes), ""), zlib.crc32(content)


def _range(
    s3: S3Client, bucket: str, stored: StoredObject, start: int, end: int, tries: int = _TRIES
) -> tuple[bytes, dict[str, str]]:
    """The bytes and the metadata. Retries, since botocore does not retry a body that breaks off."""
    try:
        reply = s3.get_object(
            Bucket=bucket,
            Key=stored.key,
            Range=f"bytes={start}-{end - 1}",
            IfMatch=stored.etag,
        )
        with reply["Body"] as body:
            return body.read(), reply["Metadata"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] not in _GONE:
            raise
        raise Gone(stored.key) from exc
    except _BROKEN_OFF:
        if tries == 1:
            raise
        return _range(s3, bucket, stored, start, end, tries - 1)


def _read_part(file: int, part_bytes: int, number: int) -> bytes:
    return os.pread(file, part_bytes, number * part_bytes)


def _parts(size_bytes: int, part_bytes: int) -> int:
    return max(1, -(-size_bytes // part_bytes))


def _checksum(of_parts: Iterator[int]) -> str:
    return f"{zlib.crc32(b''.join(each.to_bytes(4, 'big') for each in of_parts)):08x}"


def _name(part_bytes: int) -> str:
    """The metadata's key. It names the part size: checksums over other parts do not compare."""
    return f"crc32-of-{part_bytes}"
