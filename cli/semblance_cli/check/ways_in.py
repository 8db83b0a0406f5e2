"""The ways in: signed calls with and without a slash, by boto3 and by hand; and their times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from botocore.config import Config
from botocore.exceptions import ClientError

from semblance.client import sign_for_api_gateway
from semblance_cli.check.context import Context
from semblance_cli.check.findings import (
    Check,
    Group,
    Verdict,
    expect,
    failed,
    ok,
    skipped,
    unknown,
    warning,
)
from semblance_cli.problems import code_of

_KNOWN_SECONDS = 10.0
_FEW_SECONDS = 1.0
_MANY_SECONDS = 10.0
_MOST_SECONDS = 29.0
"""After so long API Gateway gives up."""


def _signed(context: Context) -> Iterator[Verdict]:
    """The first call of the run, which may meet a cold function."""
    started = time.monotonic()
    answer = context.call("ListCollections")
    while answer.code == "UnrecognizedClientException" and context.keys:
        # A function that has just looked for unknown keys does not look again at once.
        if time.monotonic() - started > _KNOWN_SECONDS:
            break
        time.sleep(0.5)
        answer = context.call("ListCollections")
    context.answers = answer.good
    if answer.code == "AccessDeniedException" and context.auth == "iam":
        yield unknown(
            f"you may not call the API ({answer})",
            "Ask for execute-api:Invoke on the API, then check again.",
        )
        return
    yield expect(
        answer.good,
        f"{answer} after {answer.seconds:.2f} s",
        "200",
        _REMEDIES.get(answer.code, _OTHERWISE) if answer.status else _UNREACHED,
    )


_UNREACHED = (
    "Nothing listens there, or the name is unknown: compare with the stack's output ApiUrl. The "
    "name of a custom domain must point to DomainTarget; a private API answers inside its VPC only."
)
_DROPPED = (
    "The gateway drops the Authorization header (REST APIs do that with signatures that are not "
    "for execute-api). Deploy this version, which puts auth=keys behind an HTTP API; please report "
    "it with --json if you have."
)
_REMEDIES = {
    "MissingAuthenticationTokenException": _DROPPED,
    "InvalidSignatureException": "The path that was signed is not one that the function expects: "
    "with a custom domain, deploy with -c signing_paths; else compare your clock.",
    "UnrecognizedClientException": "The function does not know the key: does the stack's TableName "
    "belong to this API?",
    "UnknownOperationException": "The route POST to the endpoint's path is missing: compare the "
    "endpoint with the stack's output ApiUrl, then `cdk deploy`.",
}
_OTHERWISE = (
    "Read the log of the function (docs/operating.md, Find a call), and check the lines on the "
    "functions above."
)


def _boto3(context: Context) -> Iterator[Verdict]:
    """As an application calls: boto3's own client, with another endpoint."""
    config = Config(connect_timeout=10, read_timeout=35, retries={"total_max_attempts": 2})
    key = context.key
    if context.auth == "keys" and key:
        client = context.account.rekognition(
            context.endpoint.url,
            config,
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
        )
    else:
        client = context.account.rekognition(context.endpoint.url, config)
        sign_for_api_gateway(client)
    try:
        reply = client.list_collections()
    except ClientError as error:
        yield failed(code_of(error), "a reply", _REMEDIES.get(code_of(error), _OTHERWISE))
        return
    status = reply["ResponseMetadata"]["HTTPStatusCode"]
    yield ok(f"{status}, {len(reply['CollectionIds'])} collections shown")


def _slashes(context: Context) -> Iterator[Verdict]:
    bare = context.endpoint.url.rstrip("/")
    for url, of in ((bare, "without"), (f"{bare}/", "with")):
        answer = context.endpoint.send("ListCollections", b"{}", context.key, url=url)
        yield expect(
            answer.good,
            str(answer),
            "200",
            "Give your clients the endpoint in the form that answers, and report it with --json.",
            of=of,
        )


def _printed(context: Context) -> Iterator[Verdict]:
    printed = context.outputs["ApiUrl"]
    yield expect(
        not printed.endswith("/"),
        "with a slash at its end" if printed.endswith("/") else "no slash at its end",
        "no slash: some SDKs append one of their own",
        "Deploy this version.",
    )


def _header(context: Context) -> Iterator[Verdict]:
    if context.auth != "keys":
        yield skipped(f"auth={context.auth}: the gateway itself reads the signature")
        return
    answer = context.call("ListCollections")
    yield expect(
        answer.code != "MissingAuthenticationTokenException" and answer.status != 0,
        f"{answer}: the function has read the signature" if answer.status else str(answer),
        "any answer but MissingAuthenticationTokenException",
        _DROPPED,
    )


def _browsers(context: Context) -> Iterator[Verdict]:
    origins = [each for each in context.setting("Api", "cors_origins").split(",") if each]
    if not origins:
        yield skipped("no cors_origins: browsers are not let in")
        return
    for origin in origins:
        allowed = context.endpoint.preflight(origin)
        yield expect(
            allowed == origin,
            f"{allowed or 'nobody'} is allowed",
            origin,
            "Deploy again with -c cors_origins.",
            of=origin,
        )


def _times(context: Context) -> Iterator[Verdict]:
    """Does not make a function cold: that would change its configuration."""
    seconds = [each.seconds for each in context.calls]
    if len(seconds) < 2:
        yield skipped("too few calls were answered")
        return
    first, warm = seconds[0], statistics.median(seconds[1:])
    yield _bounded(first, _MANY_SECONDS, _COLD, of="first call")
    yield _bounded(warm, _FEW_SECONDS, _WARM, of=f"median of {len(seconds) - 1} more")


_COLD = (
    "The function was cold. More memory brings more CPU (-c api_memory_mib); docs/performance.md "
    "has the parts of a cold start."
)
_WARM = (
    "From far away the way takes long: check from the region itself. Else compare with duration_ms "
    "in the function's log."
)


def _bounded(seconds: float, most: float, remedy: str, *, of: str) -> Verdict:
    seen, wanted = f"{seconds:.2f} s", f"{most:g} s at most"
    if seconds <= most:
        return ok(seen, of=of)
    if seconds < _MOST_SECONDS:
        return warning(seen, wanted, remedy, of=of)
    return failed(seen, wanted, remedy, of=of)


GROUP = Group(
    "Ways in",
    (
        Check("signed-call", "A signed call is answered", _signed, ("execute-api:Invoke",)),
        Check("boto3", "An unmodified boto3 client", _boto3, ("execute-api:Invoke",), calls=True),
        Check(
            "slash",
            "Slash at the end of the endpoint",
            _slashes,
            ("execute-api:Invoke",),
            calls=True,
        ),
        Check("endpoint", "The endpoint as printed", _printed),
        Check("preflight", "Browsers", _browsers, ("lambda:GetFunctionConfiguration",), calls=True),
        Check("header", "The Authorization header arrives", _header, calls=True),
    ),
)
TIMES = Check("times", "Time of a call", _times, calls=True)
