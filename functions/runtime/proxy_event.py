"""The event of an HTTP request, as API Gateway and Lambda's function URLs send it to a function.

A REST API sends format 1.0; the HTTP API of the stack sends it too, with the member `version`. A
function URL sends format 2.0. See
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from typing import Any

Event = dict[str, Any]

_FUNCTION_URL = ".lambda-url."


def method(event: Event) -> str:
    if _is_2_0(event):
        return str(event["requestContext"]["http"]["method"])
    return str(event["httpMethod"])


def headers(event: Event) -> list[tuple[str, str]]:
    """Every value of every header; names in lower case, since a client may use any case.

    Format 2.0 has one value of each name: the values of a header that the request has twice,
    joined by commas."""
    several = event.get("multiValueHeaders")
    if not several:
        several = {name: [value] for name, value in (event.get("headers") or {}).items()}
    return [(name.lower(), value) for name, values in several.items() for value in values]


def header(event: Event, name: str) -> str | None:
    return next((value for each, value in headers(event) if each == name), None)


def body(event: Event) -> str | bytes:
    """Text, or bytes if the gateway does not take the content type for one of text."""
    content = event.get("body") or ""
    return base64.b64decode(content) if event.get("isBase64Encoded") else content


def has_query(event: Event) -> bool:
    parameters = ("rawQueryString", "multiValueQueryStringParameters", "queryStringParameters")
    return any(event.get(each) for each in parameters)


def request_id(event: Event) -> str:
    return str(event["requestContext"]["requestId"])


def arrived(event: Event) -> float | None:
    """The gateway's time, in epoch seconds."""
    name = "timeEpoch" if _is_2_0(event) else "requestTimeEpoch"
    milliseconds = event["requestContext"].get(name)
    return milliseconds / 1000 if milliseconds else None


def caller_arn(event: Event) -> str | None:
    """The caller that the gateway has authenticated, if it does."""
    context = event["requestContext"]
    if _is_2_0(event):
        identity = (context.get("authorizer") or {}).get("iam")
    else:
        identity = context.get("identity")
    return (identity or {}).get("userArn")


def reply_headers(event: Event) -> dict[str, str]:
    """Headers that the gateway would add if it were a REST API.

    A REST API sends its `x-amzn-RequestId`, by which SDKs know a call, and renames the function's.
    So does a function URL. An HTTP API has an `apigw-requestid` instead, which no SDK reads."""
    is_rest_api = "version" not in event
    domain = str(event["requestContext"].get("domainName"))
    if is_rest_api or _FUNCTION_URL in domain:
        return {}
    return {"x-amzn-RequestId": request_id(event)}


def _is_2_0(event: Event) -> bool:
    return event.get("version") == "2.0"
