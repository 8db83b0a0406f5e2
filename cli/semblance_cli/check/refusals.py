"""Calls that must be refused, in AWS's form, with an error that no SDK retries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from semblance_cli.check.context import Context
from semblance_cli.check.endpoint import Answer, Key
from semblance_cli.check.findings import Check, Group, Verdict, failed, ok, skipped
from semblance_cli.check.own_key import FORBIDDEN

_TOO_LARGE_BYTES = 6_500_000
"""Above Lambda's 6 MB a call, below API Gateway's 10 MB."""
_TOO_LARGE = 413
"""An HTTP API's own answer to it, which no stack can shape."""
_UNKNOWN_KEY = "AKIAIOSFODNN7EXAMPLE"
_REMEDY = "Deploy this version; if that does not help, report it with --json."


def _judged(
    answer: Answer,
    codes: Iterable[str],
    *,
    of: str = "",
    let_in: str = "",
) -> Verdict:
    """`let_in`: the remedy should the call succeed."""
    wanted = f"{' or '.join(codes)}, with x-amzn-ErrorType, not retried"
    if answer.good:
        return failed("200: let in", wanted, let_in or _REMEDY, of=of)
    if answer.code not in codes:
        return failed(str(answer), wanted, _REMEDY, of=of)
    if not answer.shaped:
        return failed(f"{answer} without AWS's form", wanted, _REMEDY, of=of)
    if answer.retried:
        return failed(f"{answer}, which SDKs retry", wanted, _REMEDY, of=of)
    if not answer.request_id:
        return failed(
            f"{answer} without a request id", f"{wanted}, and a request id", _REMEDY, of=of
        )
    return ok(str(answer), of=of)


def _unsigned(context: Context) -> Iterator[Verdict]:
    if context.auth == "none":
        yield skipped("auth=none")
        return
    yield _judged(
        context.endpoint.call("ListCollections", {}, None),
        ("MissingAuthenticationTokenException",),
        let_in="Anybody may call the API: somebody has changed the method's authorization. "
        "Deploy again at once.",
    )


def _wrong_secret(context: Context) -> Iterator[Verdict]:
    if context.key is None:
        yield skipped("there is no key to spoil")
        return
    spoilt = context.key._replace(secret="wrong" + context.key.secret[5:])
    answer = context.endpoint.call("ListCollections", {}, spoilt)
    if answer.good and context.is_local and context.auth == "iam":
        yield skipped("a local cloud looks at the key's id alone")
        return
    yield _judged(answer, ("InvalidSignatureException",), let_in="Report it at once.")


def _unknown_key(context: Context) -> Iterator[Verdict]:
    if context.key is None:
        yield skipped("calls are not signed")
        return
    stranger = Key(_UNKNOWN_KEY, "x" * 40, context.key.service)
    answer = context.endpoint.call("ListCollections", {}, stranger)
    codes: tuple[str, ...] = ("UnrecognizedClientException",)
    if context.auth == "iam":
        # The gateway's own code; AWS does not document which of the three.
        codes += ("InvalidSignatureException", "AccessDeniedException")
    yield _judged(answer, codes)


def _without_right(context: Context) -> Iterator[Verdict]:
    if context.keys is None or context.key is None:
        yield skipped(f"auth={context.auth}: IAM decides, see your policies")
        return
    codes = ("AccessDeniedException",)
    answer = context.endpoint.call(FORBIDDEN, {"CollectionId": context.run}, context.key)
    yield _judged(answer, codes, of="operation")
    request = {"CollectionId": f"not-{context.run}"}
    answer = context.endpoint.call("DescribeCollection", request, context.key)
    yield _judged(answer, codes, of="collection")


def _wrong_target(context: Context) -> Iterator[Verdict]:
    answer = context.endpoint.call("DetectDreams", {}, context.key)
    yield _judged(answer, ("UnknownOperationException",))


def _other_routes(context: Context) -> Iterator[Verdict]:
    # An HTTP API leaves them to the function, which looks at the signature first.
    unsigned = ("MissingAuthenticationTokenException",) if context.kind == "HTTP" else ()
    codes = ("UnknownOperationException", *unsigned)
    url = context.endpoint.url
    get = context.endpoint.send("ListCollections", b"", None, method="GET")
    yield _judged(get, codes, of="GET")
    other = context.endpoint.send("ListCollections", b"{}", None, url=f"{url.rstrip('/')}/other")
    yield _judged(other, codes, of="POST /other")


def _too_large(context: Context) -> Iterator[Verdict]:
    body = b'{"Image":{"Bytes":"' + b"A" * _TOO_LARGE_BYTES + b'"}}'
    answer = context.endpoint.send(
        "DetectFaces" if not context.keys else "IndexFaces", body, context.key
    )
    codes = ("ValidationException", "InvalidParameterException", "ImageTooLargeException")
    if context.kind == "HTTP" and answer.status == _TOO_LARGE:
        yield ok(f"{answer.status} of the HTTP API itself")
        return
    yield _judged(answer, codes)


def _check(
    id_: str,
    title: str,
    run: Callable[[Context], Iterator[Verdict]],
    needs: tuple[str, ...] = (),
    *,
    local: bool = True,
) -> Check:
    return Check(id_, title, run, needs, local=local, calls=True)


GROUP = Group(
    "Refusals",
    (
        _check("unsigned", "An unsigned call", _unsigned),
        _check("wrong-secret", "A wrong secret", _wrong_secret),
        _check("unknown-key", "An unknown key", _unknown_key),
        _check("without-right", "A call beyond the key's rights", _without_right),
        _check("wrong-target", "An unknown operation", _wrong_target, ("execute-api:Invoke",)),
        _check("other-route", "Other routes", _other_routes),
        _check("too-large", "A call of 6.5 MB", _too_large, ("execute-api:Invoke",), local=False),
    ),
)
