"""The two buckets of a deployment: photos are put into one, results appear in the other."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from semblance.contract.layout import result_name, results_prefix
from semblance_cli.bulk.target import Target
from semblance_cli.problems import CommandError, code_of, status_of

if TYPE_CHECKING:
    from semblance_cli.bulk.results import Result

CONTENT = "content-sha256"
_NOT_FOUND = 404
_FORBIDDEN = 403


class Stamp(NamedTuple):
    """The attributes of an object that differ once it is written again."""

    modified: datetime
    etag: str


class Listed(NamedTuple):
    size: int
    stamp: Stamp


class Sent(NamedTuple):
    version: str | None
    """None in a bucket without versions."""
    metadata: dict[str, str]


class Mailbox:
    """The photos whose keys begin with `prefix`, and their results."""

    def __init__(self, target: Target, prefix: str) -> None:
        self._s3 = target.s3
        self._input = target.input_bucket
        self._results = target.results_bucket
        self._prefix = prefix

    @property
    def address(self) -> str:
        return f"s3://{self._input}/{self._prefix}"

    def photos(self) -> dict[str, Listed]:
        """By their keys."""
        with _access(self._input, "s3:ListBucket"):
            return dict(self._list(self._input, self._prefix))

    def results(self) -> dict[str, Stamp]:
        """By their names, see `result_name`."""
        with _access(self._results, "s3:ListBucket"):
            found = self._list(self._results, results_prefix(self._prefix))
            return {name: listed.stamp for name, listed in found}

    def sent(self, key: str) -> Sent | None:
        try:
            with _access(self._input, "s3:GetObject, kms:Decrypt"):
                reply = self._s3.head_object(Bucket=self._input, Key=key)
        except ClientError as error:
            if status_of(error) == _NOT_FOUND:
                return None
            raise
        return Sent(reply.get("VersionId"), reply["Metadata"])

    def send(self, key: str, content: bytes, metadata: dict[str, str]) -> str | None:
        """The version. One request, so that no photo is ever half there, and no ETag is one of
        parts."""
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        with _access(self._input, "s3:PutObject, kms:GenerateDataKey"):
            reply = self._s3.put_object(
                Bucket=self._input, Key=key, Body=content, ContentType=kind, Metadata=metadata
            )
        return reply.get("VersionId")

    def result(self, key: str) -> Result | None:
        try:
            with _access(self._results, "s3:GetObject, kms:Decrypt"):
                reply = self._s3.get_object(Bucket=self._results, Key=result_name(key))
        except ClientError as error:
            if status_of(error) == _NOT_FOUND:
                return None
            raise
        found: Result = json.load(reply["Body"])
        return found

    def _list(self, bucket: str, prefix: str) -> Iterator[tuple[str, Listed]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for each in page.get("Contents", ()):
                stamp = Stamp(each["LastModified"], each["ETag"])
                yield each["Key"], Listed(each["Size"], stamp)


@contextmanager
def _access(bucket: str, permissions: str) -> Iterator[None]:
    """A missing or denied bucket fails every photo, so it ends the command."""
    try:
        yield
    except ClientError as error:
        if code_of(error) == "NoSuchBucket":
            raise CommandError(
                f"There is no bucket {bucket}: are region and account right?"
            ) from error
        if status_of(error) == _FORBIDDEN:
            raise CommandError(
                f"Access to the bucket {bucket} is denied ({error}). You need: {permissions}; "
                "docs/bulk.md has the whole policy."
            ) from error
        raise
