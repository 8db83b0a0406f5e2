"""Caller: the principal of a request and its rights."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

ALL = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """In patterns `*` matches any characters and `?` matches one, as in IAM policies."""

    arn: str | None = None
    """None where no caller is authenticated: with `auth=none`, and for dropped photos."""
    operations: tuple[str, ...] = ALL
    """Patterns of wire names, for instance `Search*`."""
    collections: tuple[str, ...] = ALL
    """Patterns of collection ids."""
    images: tuple[str, ...] = ALL
    """Patterns of `<bucket>/<key>` that an S3Object may name, within the buckets that the
    deployment reads."""

    def may(self, operation: str, collection_id: str | None) -> bool:
        """`collection_id` is None for operations on no collection, or on several."""
        if not _any(self.operations, operation):
            return False
        return collection_id is None or self.sees(collection_id)

    def sees(self, collection_id: str) -> bool:
        return _any(self.collections, collection_id)

    @property
    def sees_all(self) -> bool:
        return "*" in self.collections

    def may_read(self, bucket: str, key: str) -> bool:
        return _any(self.images, f"{bucket}/{key}")


ANYONE = Caller()


def _any(patterns: tuple[str, ...], text: str) -> bool:
    # A bracket starts a character set in fnmatch; here it is a literal.
    return any(fnmatchcase(text, pattern.replace("[", "[[]")) for pattern in patterns)
