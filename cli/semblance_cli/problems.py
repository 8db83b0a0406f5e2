"""Errors, in words that say how to mend them."""

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

_NO_CREDENTIALS = (
    "There are no AWS credentials. Sign in (`aws sso login`), or set AWS_PROFILE or "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for the local cloud: source .local/env"
)
_BAD_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId",
    "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip


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
