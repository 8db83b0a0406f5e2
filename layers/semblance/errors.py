"""The errors that a caller may be told: the class name is the code on the wire.

A class without a mention of `status` answers 400, as Rekognition does, AccessDenied included.
`tests/test_contract.py` holds this tree against the service model.
"""

from http import HTTPStatus


class ServiceError(Exception):
    """The root; like ProtocolError never raised itself."""

    status = HTTPStatus.BAD_REQUEST
    transient = False
    """Whether the same call may succeed later. Nothing permanent may say so."""
    default = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.default)

    @property
    def code(self) -> str:
        return type(self).__name__


class ProtocolError(ServiceError):
    """Refused before an operation saw it. These codes are AWS's, but not in the service model."""


class ValidationException(ProtocolError):
    """The request breaks a constraint of the service model; all breaches in one message."""


class SerializationException(ProtocolError):
    """The body is not the JSON that the operation takes."""


class UnknownOperationException(ProtocolError):
    """X-Amz-Target is missing or names nothing that this service answers."""


class MissingAuthenticationTokenException(ProtocolError):
    default = "Missing Authentication Token"


class IncompleteSignatureException(ProtocolError):
    """The Authorization header is not one of Signature Version 4."""


class UnrecognizedClientException(ProtocolError):
    """No key that works: unknown, disabled and expired ones are told apart by nobody."""

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
