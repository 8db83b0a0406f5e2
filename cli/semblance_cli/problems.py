"""Errors, in words that say how to mend them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

if TYPE_CHECKING:
    from botocore.client import ClientMeta

_NO_CREDENTIALS = (
    "There are no AWS credentials. Sign in (`aws sso login`), or set AWS_PROFILE or "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for the local cloud: source .local/env"
)
_BAD_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId",
    "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip

_GATEWAY = re.compile(r"https://(\w+)\.execute-api\.")
_FORBIDDEN = 403


class CommandError(Exception):
    """The command cannot go on; the message is for the operator."""


def code_of(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def explain(error: Exception) -> str:
    """The message for an error of boto3's. Errors that any command can meet get advice."""
    lacking = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError)
    if isinstance(error, lacking):
        return f"{_NO_CREDENTIALS} ({error})"
    if isinstance(error, ProfileNotFound):
        return f"{error}. `aws configure list-profiles` lists your profiles."
    if isinstance(error, NoRegionError):
        return "No AWS region is chosen: give --region, or set AWS_REGION."
    if isinstance(error, HTTPClientError):
        return f"{error} Is the network up? If you mean the local cloud: is it running (`make up`)?"
    if code_of(error) in _BAD_CREDENTIALS:
        return f"AWS does not accept the credentials: sign in again. ({error})"
    return str(error)


def refused_by_the_api(error: ClientError, api: ClientMeta) -> CommandError:
    """The error of a call to a deployment's API, with advice for a caller that is not let in.

    Without `execute-api:Invoke`, the reply has status 400 where the stack gives it the form of
    AWS's JSON services, and 403 and API Gateway's own form elsewhere."""
    denied = code_of(error).startswith("AccessDenied")
    if status_of(error) == _FORBIDDEN or (denied and "execute-api:" in str(error)):
        return CommandError(
            f"The API does not let these credentials in ({error}). With auth=iam they need "
            f"execute-api:Invoke on {_arn_of(api)}; docs/bulk.md has the whole policy. With "
            "auth=keys, set SEMBLANCE_ACCESS_KEY_ID and SEMBLANCE_SECRET_ACCESS_KEY."
        )
    if denied:
        return CommandError(
            f"The access key may not do this ({error}). `semblance keys list` shows its rights."
        )
    return CommandError(explain(error))


def _arn_of(api: ClientMeta) -> str:
    """In any account: the address does not name it."""
    found = _GATEWAY.match(api.endpoint_url)
    api_id = found[1] if found else "API_ID"
    return f"arn:{api.partition}:execute-api:{api.region_name}:*:{api_id}/*"
