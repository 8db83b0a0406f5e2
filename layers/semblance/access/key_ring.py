"""A process's cache of the access keys, so that the table is not read for each call.

Refused calls cost next to nothing: all keys are read at once and, however many unknown ids callers
try, at most every UNKNOWN_SECONDS.
"""

from collections.abc import Callable, Iterable

from semblance.access.access_key import AccessKey, is_id

KNOWN_SECONDS = 30
"""A disabled or deleted key may work for this long."""
UNKNOWN_SECONDS = 5
"""A new key may be refused for this long."""


class KeyRing:
    def __init__(
        self,
        *,
        load: Callable[[], Iterable[AccessKey]],
        open_secret: Callable[[str, bytes], str | None],
        clock: Callable[[], float],
    ) -> None:
        """`open_secret(access_key_id, sealed)` decrypts a secret; None when `sealed` was not
        encrypted for that id."""
        self._load = load
        self._open = open_secret
        self._clock = clock
        self._keys: dict[str, AccessKey] = {}
        self._secrets: dict[tuple[str, bytes], str | None] = {}
        self._read_at: float | None = None

    def working(self, access_key_id: str) -> AccessKey | None:
        """The key, or None when it is unknown, disabled or expired."""
        if not is_id(access_key_id):
            return None
        now = self._clock()
        if self._is_old(now, known=access_key_id in self._keys):
            self._read(now)
        key = self._keys.get(access_key_id)
        return key if key and key.works(now) else None

    def secrets(self, key: AccessKey) -> list[str]:
        """The secrets, in plain text, that may sign for the key now: one, or two in a rotation."""
        found = [self._secret(key.id, sealed) for sealed in key.sealed(self._clock())]
        return [secret for secret in found if secret is not None]

    def _is_old(self, now: float, *, known: bool) -> bool:
        if self._read_at is None:
            return True
        # A clock that was set back must not prolong the cache.
        return not 0 <= now - self._read_at < (KNOWN_SECONDS if known else UNKNOWN_SECONDS)

    def _read(self, now: float) -> None:
        self._keys = {key.id: key for key in self._load()}
        self._read_at = now
        kept = {
            (key.id, sealed) for key in self._keys.values() for sealed in (key.secret, key.previous)
        }
        self._secrets = {entry: text for entry, text in self._secrets.items() if entry in kept}

    def _secret(self, access_key_id: str, sealed: bytes) -> str | None:
        entry = access_key_id, sealed
        if entry not in self._secrets:
            self._secrets[entry] = self._open(access_key_id, sealed)
        return self._secrets[entry]
