"""What went wrong, in words that say what to do. All of it goes to stderr."""

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
from rich.console import Console

errors = Console(stderr=True, highlight=False)

_NO_CREDENTIALS = (
    "There are no AWS credentials. Sign in (`aws sso login`), set AWS_PROFILE or the "
    "AWS_ACCESS_KEY_ID family; for the local cloud: source .local/env"
)
_BAD_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId",
    "RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip


class CommandError(Exception):
    """The command cannot go on; the message is for the operator."""


def complain(problem: object) -> None:
    errors.print("[bold red]Error:[/]", end=" ")
    errors.print(str(problem), markup=False, soft_wrap=True)


def note(text: str) -> None:
    errors.print(text, markup=False, soft_wrap=True)


def code_of(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def explain(error: Exception) -> str:
    """Of any error that boto3 raises: those that every command meets have words of their own."""
    lacking = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError)
    if isinstance(error, lacking):
        return f"{_NO_CREDENTIALS} ({error})"
    if isinstance(error, ProfileNotFound):
        return f"{error}. `aws configure list-profiles` lists those there are."
    if isinstance(error, NoRegionError):
        return "No AWS region is chosen: give --region, or set AWS_REGION."
    if isinstance(error, HTTPClientError):
        return f"{error} Is the network up, and the local cloud, if it is meant (`make up`)?"
    if code_of(error) in _BAD_CREDENTIALS:
        return f"The AWS credentials are not accepted; sign in again. ({error})"
    return str(error)
