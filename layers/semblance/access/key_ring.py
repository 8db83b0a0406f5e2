"""The access keys as a process knows them: read from the table now and then, never for each call.

What is refused costs the table next to nothing: all keys are read at once, and however many unknown
ids are tried, no sooner than every few seconds.
"""

from collections.abc import Callable, Iterable

from semblance.access.access_key import AccessKey, is_id

KNOWN_SECONDS = 30
"""For so long a key that was disabled or deleted may still be let in."""
UNKNOWN_SECONDS = 5
"""For so long a key that was just created may be refused."""


class KeyRing:
    def __init__(
        self,
        *,
        load: Callable[[], Iterable[AccessKey]],
        open_secret: Callable[[str, bytes], str | None],
        clock: Callable[[], float],
    ) -> None:
        """`open_secret`: of an access key id and what was sealed for it; None when it was not."""
        self._load = load
        self._open = open_secret
        self._clock = clock
        self._keys: dict[str, AccessKey] = {}
        self._secrets: dict[tuple[str, bytes], str | None] = {}
        self._read_at: float | None = None

    def working(self, access_key_id: str) -> AccessKey | None:
        """None when there is no such key, or one that is disabled or expired."""
        if not is_id(access_key_id):
            return None
        now = self._clock()
        if self._is_old(now, known=access_key_id in self._keys):
            self._read(now)
        key = self._keys.get(access_key_id)
        return key if key and key.works(now) else None

    def secrets(self, key: AccessKey) -> list[str]:
        found = [self._secret(key.id, sealed) for sealed in key.sealed(self._clock())]
        return [secret for secret in found if secret is not None]

    def _is_old(self, now: float, *, known: bool) -> bool:
        if self._read_at is None:
            return True
        # A clock that was set back must not keep what is known for longer.
        return not 0 <= now - self._read_at < (KNOWN_SECONDS if known else UNKNOWN_SECONDS)

    def _read(self, now: float) -> None:
        self._keys = {key.id: key for key in self._load()}
        self._read_at = now
        kept = {
            (key.id, sealed) for key in self._keys.values() for sealed in (key.secret, key.previous)
        }
        self._secrets = {which: text for which, text in self._secrets.items() if which in kept}

    def _secret(self, access_key_id: str, sealed: bytes) -> str | None:
        which = access_key_id, sealed
        if which not in self._secrets:
            self._secrets[which] = self._open(access_key_id, sealed)
        return self._secrets[which]
