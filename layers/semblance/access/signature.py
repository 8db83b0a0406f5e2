"""Verifies Signature Version 4 of an incoming request.

botocore's own signer computes the signature of the request as the client must have signed it. The
rules stand here: which headers must be signed, the time window, the service and the region. A
signature must cover every part of the request that Semblance reads. See
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials

from semblance import errors

SERVICE = "rekognition"
WINDOW_MINUTES = 5

_ALGORITHM = "AWS4-HMAC-SHA256"
_TERMINATOR = "aws4_request"
_PARAMETERS = ("Credential", "SignedHeaders", "Signature")
_LONGEST_AUTHORIZATION = 4096
_DATE = re.compile("[0-9]{8}T[0-9]{6}Z")

# The headers that Semblance reads. An attacker could change one that is not signed: another target
# is another operation.
_ALWAYS_SIGNED = ("host", "x-amz-date", "x-amz-target")
_SIGNED_IF_PRESENT = ("x-amz-content-sha256", "x-amz-security-token")
_WITHOUT_COMMA = (*_ALWAYS_SIGNED, *_SIGNED_IF_PRESENT)
_ONCE = ("authorization", *_WITHOUT_COMMA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived, without its path: the owner configures the paths that may be
    signed."""

    method: str
    headers: Sequence[tuple[str, str]]
    """Every value of every header; names in lower case."""
    has_query: bool
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name]

    def value(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The Authorization header, checked as far as possible without a key."""

    access_key_id: str
    signed_headers: tuple[str, ...]
    signature: str
    signed_at: str
    """The value of `x-amz-date`."""


def read(request: Request, *, region: str, now: float) -> Claim:
    """Checks everything but the signature itself; `now` in epoch seconds.

    Raises MissingAuthenticationTokenException, IncompleteSignatureException and
    InvalidSignatureException."""
    authorization = request.value("authorization")
    if not authorization:
        raise errors.MissingAuthenticationTokenException
    for name in _ONCE:
        if len(request.values(name)) > 1 or (name in _WITHOUT_COMMA and _joined(request, name)):
            raise errors.InvalidSignatureException(f"The header '{name}' is there more than once.")
    if request.has_query:
        raise errors.InvalidSignatureException(
            "A signature is in the Authorization header of a request without a query string."
        )
    parameters = _parameters(authorization)
    signed_at = request.value("x-amz-date")
    if signed_at is None or not _DATE.fullmatch(signed_at):
        raise _incomplete(authorization, "Authorization header requires a 'X-Amz-Date' header.")
    access_key_id = _scoped(parameters["Credential"], region=region, signed_at=signed_at)
    claim = Claim(
        access_key_id=access_key_id,
        signed_headers=tuple(parameters["SignedHeaders"].split(";")),
        signature=parameters["Signature"],
        signed_at=signed_at,
    )
    _require_headers(request, claim)
    _require_now(signed_at, now)
    return claim


def verify(
    request: Request, claim: Claim, secrets: Iterable[str], *, region: str, paths: Iterable[str]
) -> None:
    """Checks that one of the secrets has signed the whole request, for one of the paths.

    Raises InvalidSignatureException. The time this takes reveals nothing about a secret.
    """
    digest = hashlib.sha256(request.body).hexdigest()
    if request.value("x-amz-content-sha256") not in (None, digest):
        raise errors.InvalidSignatureException(
            "The value of 'x-amz-content-sha256' is not the SHA-256 of the body."
        )
    as_signed = [_rebuilt(request, claim, path) for path in paths]
    matches = [
        hmac.compare_digest(signer.sign(each), claim.signature)
        for signer in [_Signer(secret, region, digest) for secret in secrets]
        for each in as_signed
    ]
    if not any(matches):
        raise errors.InvalidSignatureException


class _Signer(SigV4Auth):
    """Signs exactly the headers that the client signed; botocore would make its own choice."""

    def __init__(self, secret: str, region: str, digest: str) -> None:
        super().__init__(Credentials("", secret), SERVICE, region)
        self._digest = digest

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        return request.headers

    def payload(self, request: AWSRequest) -> str:  # noqa: ARG002  (the body is hashed once)
        return self._digest

    def sign(self, request: AWSRequest) -> str:
        canonical = self.canonical_request(request)
        return str(self.signature(self.string_to_sign(request, canonical), request))


def _rebuilt(request: Request, claim: Claim, path: str) -> AWSRequest:
    rebuilt = AWSRequest(method=request.method, url=f"https://{SERVICE}{path}")
    rebuilt.context["timestamp"] = claim.signed_at
    for name in claim.signed_headers:
        values = request.values(name)
        if not values and name == "content-length":
            # API Gateway does not pass this header on. To rebuild it is safe: the body is signed.
            values = [str(len(request.body))]
        if not values or not all(value.isascii() for value in values):
            raise errors.InvalidSignatureException
        for value in values:
            rebuilt.headers[name] = value
    return rebuilt


def _parameters(authorization: str) -> dict[str, str]:
    algorithm, _, rest = authorization.partition(" ")
    if len(authorization) > _LONGEST_AUTHORIZATION or not authorization.isascii():
        raise _incomplete(authorization, "Authorization header is too long, or not ASCII.")
    if algorithm != _ALGORITHM:
        raise _incomplete(authorization, f"Authorization header requires '{_ALGORITHM}'.")
    pairs = [part.strip().partition("=")[::2] for part in rest.split(",")]
    parameters = dict(pairs)
    missing = [name for name in _PARAMETERS if not parameters.get(name)]
    if missing:
        texts = [f"Authorization header requires '{name}' parameter." for name in missing]
        raise _incomplete(authorization, " ".join(texts))
    if len(pairs) != len(_PARAMETERS):
        raise _incomplete(authorization, "Authorization header has more parameters than it may.")
    return parameters


def _scoped(credential: str, *, region: str, signed_at: str) -> str:
    """The access key id of a credential scoped to this day, region and service."""
    parts = credential.split("/")
    if len(parts) != 5:
        raise errors.IncompleteSignatureException(
            "Credential must have exactly 5 slash-delimited elements, e.g. "
            "keyid/date/region/service/term"
        )
    access_key_id, date, its_region, service, terminator = parts
    if terminator != _TERMINATOR:
        text = f"Credential should be scoped with a valid terminator: '{_TERMINATOR}'."
    elif its_region != region:
        text = "Credential should be scoped to a valid region."
    elif service != SERVICE:
        text = f"Credential should be scoped to correct service: '{SERVICE}'."
    elif date != signed_at[:8]:
        text = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '{date[:8]}' != '{signed_at[:8]}', from '{signed_at}'."
        )
    else:
        return access_key_id
    raise errors.InvalidSignatureException(text)


def _require_headers(request: Request, claim: Claim) -> None:
    if len(set(claim.signed_headers)) != len(claim.signed_headers):
        raise errors.InvalidSignatureException
    present = [name for name in _SIGNED_IF_PRESENT if request.values(name)]
    for name in (*_ALWAYS_SIGNED, *present):
        if name not in claim.signed_headers:
            raise errors.InvalidSignatureException(
                f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
            )


def _joined(request: Request, name: str) -> bool:
    """Whether a gateway may have joined several values: none of these headers holds a comma, and
    the canonical request of two values is that of the joined one."""
    return any("," in value for value in request.values(name))


def _require_now(signed_at: str, now: float) -> None:
    try:
        signed = datetime.strptime(signed_at, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as exc:
        raise errors.InvalidSignatureException(
            "Date must be in ISO-8601 'basic format': YYYYMMDDTHHMMSSZ."
        ) from exc
    current = datetime.fromtimestamp(int(now), UTC)
    window = timedelta(minutes=WINDOW_MINUTES)
    earliest, latest = current - window, current + window
    if signed < earliest:
        raise errors.InvalidSignatureException(
            f"Signature expired: {signed_at} is now earlier than {_stamp(earliest)} "
            f"({_stamp(current)} - {WINDOW_MINUTES} min.)"
        )
    if signed > latest:
        raise errors.InvalidSignatureException(
            f"Signature not yet current: {signed_at} is still later than {_stamp(latest)} "
            f"({_stamp(current)} + {WINDOW_MINUTES} min.)"
        )


def _stamp(moment: datetime) -> str:
    return moment.strftime(SIGV4_TIMESTAMP)


def _incomplete(authorization: str, reason: str) -> errors.IncompleteSignatureException:
    """Names the header by its digest, as AWS does, since it may hold a secret by mistake."""
    digest = base64.b64encode(hashlib.sha256(authorization.encode(errors="replace")).digest())
    return errors.IncompleteSignatureException(
        f"{reason} (Hashed with SHA-256 and encoded with Base64) Authorization={digest.decode()}"
    )
