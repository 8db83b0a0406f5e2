"""Caller: on whose behalf a request is worked on, and what that allows."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

ALL = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """In its patterns `*` stands for any characters and `?` for one, as in IAM's policies."""

    arn: str | None = None
    """None where nobody is asked: with `auth=none`, and for photos that were dropped."""
    operations: tuple[str, ...] = ALL
    """Patterns of wire names, for instance `Search*`."""
    collections: tuple[str, ...] = ALL
    """Patterns of collection ids."""
    images: tuple[str, ...] = ALL
    """Patterns of `<bucket>/<key>` that an S3Object may name, within what the deployment reads."""

    def may(self, operation: str, collection_id: str | None) -> bool:
        """`collection_id` is None for what concerns no collection, or not one alone."""
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
    # To fnmatch a bracket starts a set of characters; here it is one.
    return any(fnmatchcase(text, pattern.replace("[", "[[]")) for pattern in patterns)
