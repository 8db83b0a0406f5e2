"""The two buckets of a deployment: photos are put into one, results found in the other."""

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from semblance.contract.layout import result_name
from tools.commands.deployment import Deployment
from tools.commands.problems import CommandError, status_of

CONTENT = "content-sha256"
_NOT_FOUND = 404
_FORBIDDEN = 403


class Stamp(NamedTuple):
    """What of an object changes when it is written again."""

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
    def __init__(self, deployment: Deployment, prefix: str) -> None:
        self._s3 = deployment.s3
        self._input = deployment.input_bucket
        self._results = deployment.results_bucket
        self._prefix = prefix

    @property
    def address(self) -> str:
        return f"s3://{self._input}/{self._prefix}"

    def photos(self) -> dict[str, Listed]:
        with _access(self._input, "s3:ListBucket"):
            return dict(self._list(self._input, self._prefix))

    def results(self) -> dict[str, Stamp]:
        """By their names, see `result_name`."""
        with _access(self._results, "s3:ListBucket"):
            found = self._list(self._results, f"results/{self._prefix}")
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
        """The version. One request, so that there is never half a photo, nor an ETag of parts."""
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        with _access(self._input, "s3:PutObject, kms:GenerateDataKey"):
            reply = self._s3.put_object(
                Bucket=self._input, Key=key, Body=content, ContentType=kind, Metadata=metadata
            )
        version: str | None = reply.get("VersionId")
        return version

    def result(self, key: str) -> dict[str, Any] | None:
        try:
            with _access(self._results, "s3:GetObject, kms:Decrypt"):
                reply = self._s3.get_object(Bucket=self._results, Key=result_name(key))
        except ClientError as error:
            if status_of(error) == _NOT_FOUND:
                return None
            raise
        found: dict[str, Any] = json.load(reply["Body"])
        return found

    def _list(self, bucket: str, prefix: str) -> Iterator[tuple[str, Listed]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for each in page.get("Contents", ()):
                stamp = Stamp(each["LastModified"], each["ETag"])
                yield each["Key"], Listed(each["Size"], stamp)


@contextmanager
def _access(bucket: str, permissions: str) -> Iterator[None]:
    """What is wrong with the bucket is so for every photo, and ends the command."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise CommandError(
                f"There is no bucket {bucket}: is it the right region and account?"
            ) from error
        if status_of(error) == _FORBIDDEN:
            raise CommandError(
                f"Access to the bucket {bucket} is denied ({error}). What it takes: {permissions}; "
                "docs/bulk.md has the whole policy."
            ) from error
        raise
