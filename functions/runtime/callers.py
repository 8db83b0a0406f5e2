"""Who calls: read from the event of API Gateway, in the way that the deployment's `auth` says."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from functions.runtime import proxy_event
from functions.runtime.proxy_event import Event
from semblance import errors
from semblance.access import signature
from semblance.access.caller import Caller
from semblance.access.key_ring import KeyRing
from semblance.contract.settings import Settings

logger = Logger()

Identify = Callable[[Event], Caller]
"""Raises an error of `semblance.errors` when the request is not from anybody who may call."""


def told_by_the_gateway(event: Event) -> Caller:
    """With `auth=iam` it has checked the signature and the permission, and says whose they are;
    with `auth=none` it says nothing."""
    identity = event["requestContext"].get("identity") or {}
    return Caller(arn=identity.get("userArn"))


class OfOwnKeys:
    """With `auth=keys` the gateway lets everybody through, and the signature is checked here."""

    def __init__(self, settings: Settings, ring: KeyRing, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._ring = ring
        self._clock = clock

    def __call__(self, event: Event) -> Caller:
        ours = self._settings
        request = _signed(event)
        claim = signature.read(request, region=ours.region, now=self._clock())
        key = self._ring.working(claim.access_key_id)
        # Temporary credentials have a token, and are never ours.
        if key is None or request.values("x-amz-security-token"):
            raise errors.UnrecognizedClientException
        secrets = self._ring.secrets(key)
        if not secrets:
            logger.error("no secret of an access key opens", access_key_id=key.id)
        signature.verify(request, claim, secrets, region=ours.region, paths=ours.signed_paths())
        return key.caller(ours.partition, ours.region, ours.account_id)


def _signed(event: Event) -> signature.Request:
    body = proxy_event.body(event)
    return signature.Request(
        method=event["httpMethod"],
        headers=proxy_event.headers(event),
        has_query=proxy_event.has_query(event),
        # What the gateway could not decode has become other characters: no signature covers them.
        body=body.encode(errors="surrogatepass") if isinstance(body, str) else body,
    )
