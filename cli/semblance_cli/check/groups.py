"""All checks, in the order in which they run."""

from __future__ import annotations

from semblance_cli.check import (
    collection,
    deployed,
    leftovers,
    photos,
    refusals,
    roles,
    storage,
    watching,
    ways_in,
)
from semblance_cli.check.findings import Group

_KEY, *_CALLS = ways_in.GROUP.checks

GROUPS = (
    Group("Before", (photos.LISTEN, _KEY)),
    deployed.GROUP,
    storage.GROUP,
    Group(ways_in.GROUP.title, (*_CALLS, leftovers.EARLIER)),
    refusals.GROUP,
    collection.GROUP,
    photos.GROUP,
    watching.GROUP,
    roles.GROUP,
    Group("At the end", (collection.DELETE, ways_in.TIMES)),
)
CLEANUP = leftovers.GROUP
"""Runs in any case."""
