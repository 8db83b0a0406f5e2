"""The specimen of CreateUser."""

from tools.specimens.refusals import COUNTLESS, INVALID_PARAMETER_BY_MODEL, NO_COLLECTION
from tools.specimens.specimen import (
    Command,
    Example,
    FaultCase,
    Instead,
    Play,
    Provoked,
    Request,
    Specimen,
    Stage,
)


def _reuse_a_token(specimen: Specimen, stage: Stage) -> None:
    user = stage.elsewhere() | {"ClientRequestToken": "of-another"}
    stage.call("CreateUser", **user, UserId="first")
    stage.call("CreateUser", **user, UserId="second")


def _with_a_token(stage: Stage) -> Request:
    return stage.here | {"UserId": "ann", "ClientRequestToken": "once"}


SPECIMEN = Specimen(
    operation="CreateUser",
    sound=lambda s: s.here | {"UserId": "new"},
    examples=(
        Example(
            lambda s: s.here | {"UserId": "new:user", "ClientRequestToken": "create-new-user"},
            lambda s, reply: "new:user" in str(s.call("ListUsers", **s.here)["Users"]),
        ),
    ),
    plays=(
        Play(_with_a_token),
        Play(_with_a_token),
        Play(lambda s: s.barack, refused="ConflictException"),
    ),
    errors={
        **NO_COLLECTION,
        **INVALID_PARAMETER_BY_MODEL,
        **COUNTLESS,
        "ConflictException": Instead(lambda s: s.barack),
        "IdempotentParameterMismatchException": Provoked(_reuse_a_token),
    },
    command=Command("--collection-id {collection} --user-id barack", after=("CreateCollection",)),
    faults=(
        FaultCase("staff", lambda s: s.here | {"UserId": "eve"}, has_token=True),
        FaultCase("staff", lambda s: s.here | {"UserId": "eve"}, "without a token"),
        FaultCase(
            "staff", lambda s: s.here | {"UserId": "ann"}, "of a name that is taken", has_token=True
        ),
    ),
)
