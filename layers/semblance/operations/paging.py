"""MaxResults and NextToken: a token says where a listing continues, and fits that listing alone.

A token is a check value and the last key of the page. The check covers the operation, the
collection and the filters, so a token of another listing, or a changed one, is refused.
It is no secret: a forged token could only start a listing elsewhere.
"""

import base64
import binascii
import hashlib
import string

from semblance import errors

DEFAULT_PAGE = 1000
_CHECK_BYTES = 6
_LONGEST_TOKEN = 255
_SYMBOLS = "-._" + string.digits + string.ascii_letters
"""The characters of a collection id. One of 255 characters fits no other way (see _squeeze)."""
_SQUEEZED = "~"


def page_size(max_results: int | None) -> int:
    """Zero is legal on the wire and means the default: an empty page would never end."""
    return max_results or DEFAULT_PAGE


class Listing:
    def __init__(self, *scope: str) -> None:
        """`scope`: the operation, and the collection and filters that identify the listing."""
        self._scope = scope

    def start(self, token: str | None) -> str | None:
        """The key after which the listing continues; None for the first page.

        Raises InvalidPaginationTokenException.
        """
        if token is None:
            return None
        try:
            raw = _unsqueeze(token) if token.startswith(_SQUEEZED) else _decode(token)
            key = raw[_CHECK_BYTES:].decode("ascii")
        except (binascii.Error, ValueError) as exc:
            raise errors.InvalidPaginationTokenException from exc
        if self.token(key) != token:
            raise errors.InvalidPaginationTokenException
        return key

    def token(self, key: str) -> str:
        token = base64.urlsafe_b64encode(self._check(key) + key.encode()).decode().rstrip("=")
        return token if len(token) <= _LONGEST_TOKEN else _squeeze(self._check(key), key)

    def _check(self, key: str) -> bytes:
        return hashlib.sha256("\n".join((*self._scope, key)).encode()).digest()[:_CHECK_BYTES]


def _decode(token: str) -> bytes:
    return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)


def _squeeze(check: bytes, key: str) -> str:
    """255 of 65 symbols pack into 193 bytes, which base 85 writes in 255 characters or fewer."""
    number = 0
    for symbol in reversed(key):
        number = number * (len(_SYMBOLS) + 1) + _SYMBOLS.index(symbol) + 1
    packed = number.to_bytes((number.bit_length() + 7) // 8)
    return _SQUEEZED + base64.b85encode(check + packed).decode()


def _unsqueeze(token: str) -> bytes:
    raw = base64.b85decode(token.removeprefix(_SQUEEZED))
    number = int.from_bytes(raw[_CHECK_BYTES:])
    key = []
    while number:
        number, digit = divmod(number, len(_SYMBOLS) + 1)
        key.append(_SYMBOLS[digit - 1])
    return raw[:_CHECK_BYTES] + "".join(key).encode()
