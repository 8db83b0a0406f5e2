"""Errors that several operations share, and ways to provoke them."""

from collections.abc import Mapping

from tools.specimens.specimen import Error, Excused, Instead, Provoked, Specimen, Stage

_NO_ARN = "arn:aws:rekognition:us-east-1:000000000000:collection/nowhere"

NO_COLLECTION: Mapping[str, Error] = {
    "ResourceNotFoundException": Instead(lambda s: {"CollectionId": "nowhere"})
}
NO_RESOURCE: Mapping[str, Error] = {
    "ResourceNotFoundException": Instead(lambda s: {"ResourceArn": _NO_ARN})
}
NO_TOKEN_OF_A_LISTING: Mapping[str, Error] = {
    "InvalidPaginationTokenException": Instead(lambda s: {"NextToken": "made-up"})
}
INVALID_PARAMETER_BY_MODEL: Mapping[str, Error] = {
    "InvalidParameterException": Excused(
        "its members are checked against the model, and a bad one is a ValidationException"
    )
}
RACE: Mapping[str, Error] = {
    "ConflictException": Excused(
        "occurs when other calls change the same user at the same moment, six times in a row"
    )
}
COUNTLESS: Mapping[str, Error] = {
    "ServiceQuotaExceededException": Excused(
        "needs more than a test can make: the limit is in the millions, or the account's"
    )
}


def no_picture(member: str) -> Mapping[str, Error]:
    """Errors of an Image, which is this member of the request."""
    return {
        "InvalidImageFormatException": Instead(lambda s: {member: s.stored("text")}),
        "InvalidS3ObjectException": Instead(lambda s: {member: s.stored("no such object")}),
        "ImageTooLargeException": Instead(lambda s: {member: s.stored("huge")}),
        "InvalidParameterException": Instead(lambda s: {member: {}}),
    }


def _reuse_a_token(specimen: Specimen, stage: Stage) -> None:
    """Another request has used the ClientRequestToken already: CreateUser of `first`."""
    token = {"ClientRequestToken": "of-another"}
    user = stage.elsewhere()
    stage.call("CreateUser", **user, UserId="first", **token)
    stage.call(specimen.operation, **(specimen.sound(stage) | user | {"UserId": "first"} | token))


TOKEN_OF_ANOTHER: Mapping[str, Error] = {
    "IdempotentParameterMismatchException": Provoked(_reuse_a_token)
}
