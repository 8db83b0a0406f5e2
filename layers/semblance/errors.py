"""The errors that callers may get. The class name is the error code on the wire.

The HTTP status is 400 unless the class sets another, as with Rekognition, where even AccessDenied
is a 400. `tests/test_contract.py` compares this tree with the service model.
"""

from http import HTTPStatus


class ServiceError(Exception):
    """The root of the tree. Only subclasses are raised; the same is true of ProtocolError."""

    status = HTTPStatus.BAD_REQUEST
    transient = False
    """Whether a retry may succeed. SDKs retry these, so permanent errors must stay False."""
    default = ""
    """The message when the code that raises the error gives none."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.default)

    @property
    def code(self) -> str:
        return type(self).__name__


class ProtocolError(ServiceError):
    """Refused before an operation runs. AWS uses these codes, but the service model lacks them."""


class ValidationException(ProtocolError):
    """The request breaks a constraint of the service model; all breaches in one message."""


class SerializationException(ProtocolError):
    """The body is not the JSON that the operation takes."""


class UnknownOperationException(ProtocolError):
    """X-Amz-Target is missing or names no operation of this service."""


class MissingAuthenticationTokenException(ProtocolError):
    default = "Missing Authentication Token"


class IncompleteSignatureException(ProtocolError):
    """The Authorization header does not follow Signature Version 4."""


class UnrecognizedClientException(ProtocolError):
    """Unknown, disabled and expired keys all get this one answer."""

    default = "The security token included in the request is invalid."


class InvalidSignatureException(ProtocolError):
    default = (
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method. Consult the service documentation for "
        "details."
    )


class InvalidParameterException(ServiceError):
    default = "Request has invalid parameters"


class InvalidPaginationTokenException(ServiceError):
    default = "Invalid Pagination Token"


class InvalidImageFormatException(ServiceError):
    default = "Request has invalid image format"


class ImageTooLargeException(ServiceError):
    default = "Image size is too large."


class InvalidS3ObjectException(ServiceError):
    default = (
        "Unable to get object metadata from S3. Check object key, region and/or access permissions."
    )


class ResourceNotFoundException(ServiceError):
    pass


class ResourceAlreadyExistsException(ServiceError):
    pass


class ConflictException(ServiceError):
    pass


class IdempotentParameterMismatchException(ServiceError):
    pass


class ServiceQuotaExceededException(ServiceError):
    pass


class AccessDeniedException(ServiceError):
    pass


class ProvisionedThroughputExceededException(ServiceError):
    transient = True
    default = "Provisioned rate exceeded"


class ThrottlingException(ServiceError):
    transient = True
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    default = "Slow down; sudden increase in rate of requests."


class InternalServerError(ServiceError):
    transient = True
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    default = "Internal server error"
