"""Specimen: one operation's requests and the replies that they must get.

Tests and generated pages that go through every operation read them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from botocore import xform_name

Request = dict[str, Any]
Reply = dict[str, Any]

NOBODY = "00000000-0000-4000-8000-000000000000"
"""The id of a face that is in no collection."""


class Stage(Protocol):
    """A running service and one collection in it, with real photos.

    The collection holds one face each of obama and biden. Obama's belongs to the user `barack`,
    biden's to nobody. The user `zoe` has no face.
    """

    @property
    def collection(self) -> str: ...

    @property
    def arn(self) -> str:
        """Of the collection."""

    @property
    def obama(self) -> str:
        """The FaceId."""

    @property
    def biden(self) -> str:
        """The FaceId."""

    @property
    def here(self) -> Request:
        """The CollectionId, as a part of a request."""

    @property
    def barack(self) -> Request:
        """CollectionId and UserId."""

    @property
    def call(self) -> Callable[..., Reply]:
        """`call(operation, **request)`."""

    def inline(self, photo: str) -> Request:
        """An Image with the bytes of this photo."""

    def stored(self, name: str, *, version: bool = False) -> Request:
        """An Image in the input bucket: a photo, or `text`, `huge`, or an object that is missing.
        With `version` the Image names the object's version."""

    def elsewhere(self) -> Request:
        """The CollectionId of a new collection, which the caller may change or delete."""

    def new_user(self) -> Request:
        """CollectionId and UserId of a new user in a new collection."""


class Scene(Protocol):
    """An account with the collection `staff`, and pictures that say who is in them.

    The fault trials begin from it: each can make it anew in a moment.
    """

    @property
    def here(self) -> Request:
        """The CollectionId, as a part of a request."""

    @property
    def arn(self) -> str:
        """Of the collection."""

    @property
    def faces(self) -> Sequence[str]:
        """FaceIds, in the order of their indexing."""

    @property
    def crowd(self) -> tuple[str, ...]:
        """The names of a hundred people."""

    @property
    def in_bucket(self) -> Request:
        """An Image in the input bucket: kim and ann. Only after `picture in bucket`."""

    def picture(self, *people: str, shot: int = 0) -> Request:
        """An Image with the bytes of a picture of these people."""


def anything(stage: Stage, reply: Reply) -> bool:
    """The check of a reply whose members the service model and `always` pin already."""
    return True


@dataclass(frozen=True)
class Example:
    """A request that succeeds. The examples of an operation use every member of its request."""

    request: Callable[[Stage], Request]
    is_right: Callable[[Stage, Reply], bool] = anything


@dataclass(frozen=True)
class Play:
    """Another request, for the AWS calls that no example makes."""

    request: Callable[[Stage], Request]
    refused: str | None = None
    """The code of the error that it must get."""


@dataclass(frozen=True)
class Instead:
    """Provokes an error: the sound request with these members in place of its own."""

    members: Callable[[Stage], Request]

    def provoke(self, specimen: "Specimen", stage: Stage) -> None:
        stage.call(specimen.operation, **(specimen.sound(stage) | self.members(stage)))


@dataclass(frozen=True)
class Provoked:
    """Provokes an error with calls of its own; the last one is refused."""

    act: Callable[["Specimen", Stage], None]

    def provoke(self, specimen: "Specimen", stage: Stage) -> None:
        self.act(specimen, stage)


@dataclass(frozen=True)
class Excused:
    """The reason why no test can provoke an error."""

    why: str


Error = Instead | Provoked | Excused


@dataclass(frozen=True)
class Command:
    """The operation by the AWS CLI."""

    words: str
    """The options. A test or page fills in {collection}, {arn}, {photos}, the directory of the
    sample photos, {bucket} and {object}, where one of them is stored, and {face_id}, which
    index-faces returned."""
    after: tuple[str, ...] = ()
    """Operations whose commands run earlier in the same session."""
    is_last: bool = False
    """True if no other command works after this one."""


Given = Literal[
    "nothing", "staff", "two collections", "crowd", "crowd of one user", "picture in bucket"
]
"""A state of the account before a fault trial; tests/faults/scenarios.py sets each up."""


@dataclass(frozen=True)
class FaultCase:
    """A request that the fault trials make while calls to AWS fail."""

    given: Given
    request: Callable[[Scene], Request]
    about: str = ""
    """How this request differs from the operation's usual one."""
    is_warm: bool = True
    """Whether the process has the collection in memory before the request."""
    has_token: bool = False
    """Whether the request has a ClientRequestToken."""


@dataclass(frozen=True, kw_only=True)
class Specimen:
    operation: str
    """As the service model spells it; the module has the name of boto3's method."""

    always: frozenset[str] = frozenset()
    """Members that every reply has. Programs read these without asking, and the service model
    marks no member of a reply as required."""

    sound: Callable[[Stage], Request]
    """A request that succeeds unless a test changes it."""

    examples: tuple[Example, ...]

    plays: tuple[Play, ...] = ()

    errors: Mapping[str, Error] = field(default_factory=dict)
    """Each error that the service model lists for this operation, by its code. Those that the
    model lists for every operation are in tests/deployed/test_contract_errors.py."""

    command: Command

    faults: tuple[FaultCase, ...]

    @property
    def method(self) -> str:
        """The name of boto3's method."""
        return str(xform_name(self.operation))

    @property
    def command_name(self) -> str:
        """The operation's name at the AWS CLI."""
        return str(xform_name(self.operation, "-"))

    def command_line(self, known: Mapping[str, object]) -> list[str]:
        """What follows `aws rekognition`, with these values filled in."""
        return [self.command_name, *(word.format(**known) for word in self.command.words.split())]
