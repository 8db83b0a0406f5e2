"""Replies for requests that API Gateway refuses itself, in the form of AWS's JSON services."""

import json
from typing import NamedTuple

CONTENT_TYPE = "application/x-amz-json-1.1"


class Refusal(NamedTuple):
    """SDKs decide by `code` and `status` whether to retry, so that no permanent fault may have one
    that they retry."""

    response_type: str
    status: int
    code: str
    message: str = ""
    """Empty for the gateway's own message, which names the caller or the header at fault."""

    @property
    def construct_id(self) -> str:
        return "".join(word.capitalize() for word in self.response_type.split("_"))

    @property
    def body(self) -> str:
        # The gateway's own message is a JSON string already, quotes included.
        message = json.dumps(self.message) if self.message else "$context.error.messageString"
        return f'{{"__type":"{self.code}","message":{message}}}'


UNKNOWN_OPERATION = Refusal(
    "RESOURCE_NOT_FOUND",
    400,
    "UnknownOperationException",
    "There is one route: POST to the path of the endpoint, the operation in X-Amz-Target.",
)

_INTERNAL = "Internal server error"

# All response types of API Gateway, so that every refusal has this form.
REFUSALS = [
    Refusal("ACCESS_DENIED", 400, "AccessDeniedException"),
    Refusal("DEFAULT_4XX", 400, "AccessDeniedException"),
    Refusal("EXPIRED_TOKEN", 400, "ExpiredTokenException"),
    Refusal("INVALID_API_KEY", 400, "AccessDeniedException"),
    Refusal("INVALID_SIGNATURE", 400, "InvalidSignatureException"),
    Refusal("MISSING_AUTHENTICATION_TOKEN", 400, "MissingAuthenticationTokenException"),
    Refusal("UNAUTHORIZED", 400, "AccessDeniedException"),
    Refusal("WAF_FILTERED", 400, "AccessDeniedException"),
    Refusal("BAD_REQUEST_BODY", 400, "SerializationException"),
    Refusal("BAD_REQUEST_PARAMETERS", 400, "ValidationException"),
    # As AWS answers Bytes beyond its limit; ImageTooLargeException is for S3 objects.
    Refusal(
        "REQUEST_TOO_LARGE",
        400,
        "ValidationException",
        "1 validation error detected: the request is larger than this endpoint takes. "
        "Name a large image as an S3Object instead of sending its Bytes.",
    ),
    UNKNOWN_OPERATION,
    UNKNOWN_OPERATION._replace(response_type="UNSUPPORTED_MEDIA_TYPE"),
    # SDKs know these two codes: they retry the first after a pause, and never the second.
    Refusal("THROTTLED", 400, "ThrottlingException", "Rate exceeded"),
    Refusal("QUOTA_EXCEEDED", 400, "ServiceQuotaExceededException"),
    Refusal("API_CONFIGURATION_ERROR", 500, "InternalServerError", _INTERNAL),
    Refusal("AUTHORIZER_CONFIGURATION_ERROR", 500, "InternalServerError", _INTERNAL),
    Refusal("AUTHORIZER_FAILURE", 500, "InternalServerError", _INTERNAL),
    Refusal("DEFAULT_5XX", 500, "InternalServerError", _INTERNAL),
    Refusal("INTEGRATION_FAILURE", 500, "InternalServerError", _INTERNAL),
    Refusal("INTEGRATION_TIMEOUT", 500, "InternalServerError", _INTERNAL),
]
