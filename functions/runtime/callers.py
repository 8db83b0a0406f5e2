"""Identifies the caller from API Gateway's event, as the deployment's `auth` prescribes."""

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
"""Raises an error of `semblance.errors` when the caller may not call."""


def checked_by_the_gateway(event: Event) -> Caller:
    """With `auth=iam`, API Gateway has checked signature and permission and names the caller; with
    `auth=none`, it names nobody."""
    return Caller(arn=proxy_event.caller_arn(event))


class OfOwnKeys:
    """With `auth=keys` API Gateway lets every request through; the signature is checked here."""

    def __init__(self, settings: Settings, ring: KeyRing, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._ring = ring
        self._clock = clock

    def __call__(self, event: Event) -> Caller:
        settings = self._settings
        request = _signed(event)
        claim = signature.read(request, region=settings.region, now=self._clock())
        key = self._ring.working(claim.access_key_id)
        # Temporary credentials have a token; access keys of this service never do.
        if key is None or request.values("x-amz-security-token"):
            raise errors.UnrecognizedClientException
        secrets = self._ring.secrets(key)
        if not secrets:
            logger.error("no secret of an access key opens", access_key_id=key.id)
        signature.verify(
            request, claim, secrets, region=settings.region, paths=settings.signed_paths()
        )
        return key.caller(settings.partition, settings.region, settings.account_id)


def _signed(event: Event) -> signature.Request:
    body = proxy_event.body(event)
    return signature.Request(
        method=proxy_event.method(event),
        headers=proxy_event.headers(event),
        has_query=proxy_event.has_query(event),
        # Bytes that API Gateway could not decode have been replaced, so no signature covers them.
        body=body.encode(errors="surrogatepass") if isinstance(body, str) else body,
    )
