"""Invariants after any fault: of the stored items, and of the views that processes have of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from semblance.contract import schema
from tests.faults.world import Item, Process, kind_of


@dataclass
class Stored:
    """The items of one uid."""

    faces: dict[str, Item] = field(default_factory=dict)
    stripped: set[str] = field(default_factory=set)
    users: dict[str, Item] = field(default_factory=dict)
    changes: list[Item] = field(default_factory=list)

    @property
    def living_users(self) -> dict[str, Item]:
        return {name: u for name, u in self.users.items() if schema.EXPIRES_AT not in u}


def by_uid(items: Iterable[Item]) -> dict[str, Stored]:
    stored: dict[str, Stored] = {}
    for item in items:
        kind = kind_of(item)
        if kind not in "FUL":
            continue
        uid = item[schema.PARTITION_KEY].split("#")[1]
        one, name = stored.setdefault(uid, Stored()), item[schema.SORT_KEY]
        if kind == "L":
            one.changes.append(item)
        elif kind == "U":
            one.users[name] = item
        elif schema.EXPIRES_AT in item:
            one.stripped.add(name)
        else:
            one.faces[name] = item
    return stored


def collections(items: Iterable[Item]) -> dict[str, Item]:
    return {item[schema.SORT_KEY]: item for item in items if kind_of(item) == "COLLECTIONS"}


def domain(items: list[Item]) -> dict[str, dict[str, Any]]:
    """The state that a caller can observe, without the history that led to it."""
    stored = by_uid(items)
    return {
        name: {
            "tags": dict(collection["tags"]),
            "faces": {
                face_id: (face["image_id"], face.get("external_image_id"), face.get("user_id"))
                for face_id, face in stored.get(collection["uid"], Stored()).faces.items()
            },
            "users": {
                user_id: sorted(user.get("face_ids", ()))
                for user_id, user in stored.get(collection["uid"], Stored()).living_users.items()
            },
        }
        for name, collection in collections(items).items()
    }


def halves(items: list[Item]) -> Iterator[str]:
    """Items that are written together, where only some of them are there."""
    for uid, stored in by_uid(items).items():
        yield from _faces_without_changes(stored)
        yield from _bonds_without_users(stored)
        yield from _users_without_changes(stored)
        if not any(uid == each["uid"] for each in collections(items).values()):
            yield from _left_behind(uid, items)


def miscounted(items: list[Item]) -> Iterator[str]:
    stored = by_uid(items)
    for name, collection in collections(items).items():
        own = stored.get(collection["uid"], Stored())
        counted = int(collection["face_count"]), int(collection["user_count"])
        if counted != (len(own.faces), len(own.living_users)):
            yield f"{name} counts {counted}, has {len(own.faces)}, {len(own.living_users)}"


def unlisted(items: list[Item], process: Process) -> Iterator[str]:
    stored = by_uid(items)
    for name, collection in collections(items).items():
        own = stored.get(collection["uid"], Stored())
        request = {"CollectionId": name}
        listed = [f["FaceId"] for f in process.ask("ListFaces", request).body["Faces"]]
        if listed != sorted(own.faces):
            yield f"{name} lists {len(listed)} of {len(own.faces)} faces"
        users = [u["UserId"] for u in process.ask("ListUsers", request).body["Users"]]
        if users != sorted(own.living_users):
            yield f"{name} lists {users} as users"


def unseen(items: list[Item], process: Process) -> Iterator[str]:
    """Differences between this process's search results and the table."""
    stored = by_uid(items)
    for name, collection in collections(items).items():
        own = stored.get(collection["uid"], Stored())
        found = process.search(name)
        if found != set(own.faces):
            yield f"{name}: a search finds {len(found or ())} of {len(own.faces)} faces"
        with_faces = {user for user, item in own.living_users.items() if item["face_ids"]}
        if process.search_users(name) != with_faces:
            yield f"{name}: a search for users finds other than {sorted(with_faces)}"


def between(now: dict[str, Any], one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    """Differences from both states: items that neither has, and missing items that both have."""
    for name in now.keys() | one.keys() | other.keys():
        for what in ("faces", "users"):
            have, before, after = (
                set(state.get(name, {}).get(what, {})) for state in (now, one, other)
            )
            if not before & after <= have <= before | after:
                yield f"{what} of {name}: {len(have)}, neither as before nor as after"


def _faces_without_changes(stored: Stored) -> Iterator[str]:
    added = Counter(_ids(stored.changes, "added"))
    removed = Counter(_ids(stored.changes, "removed"))
    for face_id in stored.faces:
        if added[face_id] != 1 or removed[face_id]:
            yield f"face {face_id}: added {added[face_id]}, removed {removed[face_id]} times"
    for face_id in stored.stripped:
        if removed[face_id] != 1:
            yield f"deleted face {face_id}: removed {removed[face_id]} times"
    for face_id in added.keys() - stored.faces.keys() - stored.stripped:
        yield f"face {face_id} is announced and not there"
    for face_id in removed.keys() - stored.stripped:
        yield f"face {face_id} is announced as deleted and is not"


def _bonds_without_users(stored: Stored) -> Iterator[str]:
    bonds = {(f["user_id"], name) for name, f in stored.faces.items() if "user_id" in f}
    held = {(name, i) for name, user in stored.living_users.items() for i in user["face_ids"]}
    if bonds != held:
        yield f"{len(bonds - held)} bonds without a user, {len(held - bonds)} the other way"


def _users_without_changes(stored: Stored) -> Iterator[str]:
    latest: dict[str, int] = {}
    for change in stored.changes:
        if "user_id" in change:
            name, version = change["user_id"], int(change["version"])
            latest[name] = max(version, latest.get(name, 0))
    stands = {name: int(user["version"]) for name, user in stored.users.items()}
    if latest != stands:
        yield f"users stand at {stands}, and are announced at {latest}"


def _left_behind(uid: str, items: list[Item]) -> Iterator[str]:
    """Data of a deleted collection that no tombstone marks for erasure."""
    erasures = {each[schema.SORT_KEY] for each in items if kind_of(each) == "ERASURES"}
    if uid not in erasures:
        yield f"{uid} belongs to no collection and is not to be erased"


def _ids(changes: list[Item], name: str) -> Iterator[str]:
    for change in changes:
        packed = bytes(change.get(name, b""))
        for start in range(0, len(packed), 16):
            yield str(uuid.UUID(bytes=packed[start : start + 16]))
