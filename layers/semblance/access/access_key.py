"""Access keys that Semblance issues: their rights, and how ids and secrets are generated."""

import re
import secrets
import string
from dataclasses import dataclass, field

from semblance.access.caller import Caller
from semblance.contract.schema import ACCESS_KEY_PREFIX

_ID_SYMBOLS = string.ascii_uppercase + "234567"
_ID = re.compile(f"{ACCESS_KEY_PREFIX}[{_ID_SYMBOLS}]{{16}}")
_SECRET_SYMBOLS = string.ascii_letters + string.digits
_SECRET_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """Times are epoch seconds. Secrets are encrypted: see `semblance.stores.seal`."""

    id: str
    name: str
    operations: tuple[str, ...]
    collections: tuple[str, ...]
    images: tuple[str, ...]
    """Patterns, as in `semblance.access.caller.Caller`."""
    created_at: float
    valid_until: float | None = None
    disabled: bool = False
    secret: bytes = field(repr=False)
    previous: bytes | None = field(default=None, repr=False)
    previous_until: float | None = None

    def works(self, now: float) -> bool:
        return not self.disabled and (self.valid_until is None or now < self.valid_until)

    def sealed(self, now: float) -> tuple[bytes, ...]:
        """The encrypted secret and, until a rotation's grace period ends, the one before it."""
        if self.previous is None or self.previous_until is None or now >= self.previous_until:
            return (self.secret,)
        return (self.secret, self.previous)

    def caller(self, partition: str, region: str, account_id: str) -> Caller:
        return Caller(
            arn=f"arn:{partition}:semblance:{region}:{account_id}:key/{self.id}/{self.name}",
            operations=self.operations,
            collections=self.collections,
            images=self.images,
        )


def new_id() -> str:
    return ACCESS_KEY_PREFIX + "".join(secrets.choice(_ID_SYMBOLS) for _ in range(16))


def new_secret() -> str:
    """238 random bits, in symbols that need no quoting in a shell or a URL."""
    return "".join(secrets.choice(_SECRET_SYMBOLS) for _ in range(_SECRET_LENGTH))


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
