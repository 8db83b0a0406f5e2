"""All checks, in the order in which they run."""

from __future__ import annotations

from semblance_cli.check import (
    collection,
    deployed,
    leftovers,
    logs,
    own_key,
    photos,
    refusals,
    roles,
    storage,
    watching,
    ways_in,
)
from semblance_cli.check.findings import Group

GROUPS = (
    Group("Before", (photos.LISTEN, own_key.KEY)),
    deployed.GROUP,
    storage.GROUP,
    Group(ways_in.GROUP.title, (*ways_in.GROUP.checks, leftovers.EARLIER)),
    refusals.GROUP,
    collection.GROUP,
    photos.GROUP,
    logs.GROUP,
    watching.GROUP,
    roles.GROUP,
    Group("At the end", (collection.DELETE, ways_in.TIMES)),
)
CLEANUP = leftovers.GROUP
"""Runs in any case."""
