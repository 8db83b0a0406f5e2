import json
from typing import Any

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from tests.infra.synthesis import Template, resources
from tests.infra.test_storage import only

pytestmark = pytest.mark.infra


def methods(template: Template) -> dict[tuple[str, bool], dict[str, Any]]:
    """The methods by HTTP method and by whether the path is the root."""
    found = [each["Properties"] for each in resources(template, "AWS::ApiGateway::Method")]
    return {(each["HttpMethod"], "Fn::GetAtt" in each["ResourceId"]): each for each in found}


def test_the_one_method_is_signed(image: Template) -> None:
    found = methods(image)
    assert set(found) == {("POST", True), ("ANY", True), ("ANY", False)}
    assert found["POST", True]["AuthorizationType"] == "AWS_IAM"
    assert found["POST", True]["Integration"]["Type"] == "AWS_PROXY"
    assert found["POST", True]["Integration"]["TimeoutInMillis"] == 29_000


def test_auth_none_needs_no_signature(every_choice: Template) -> None:
    assert methods(every_choice)["POST", True]["AuthorizationType"] == "NONE"


def test_with_auth_keys_the_function_authenticates_and_the_gateway_does_not(keys: Template) -> None:
    assert methods(keys)["POST", True]["AuthorizationType"] == "NONE"
    assert keys["Outputs"]["Auth"]["Value"] == "keys"
    assert {each["SEMBLANCE_AUTH"] for each in environments(keys)} == {"keys"}


def test_clients_may_sign_the_paths_of_the_deployment(image: Template, keys: Template) -> None:
    """In the local cloud there is one more path: see tests/deployed/test_keys.py."""
    assert {each["SEMBLANCE_SIGNING_PATHS"] for each in environments(keys)} == {"/v1/,/,/faces/"}
    assert {each["SEMBLANCE_SIGNING_PATHS"] for each in environments(image)} == {""}


def environments(template: Template) -> list[dict[str, Any]]:
    return [
        each["Properties"]["Environment"]["Variables"]
        for each in resources(template, "AWS::Lambda::Function")
    ]


@pytest.mark.parametrize("root", [True, False])
def test_any_other_route_is_an_unknown_operation_without_a_function(
    root: bool, image: Template
) -> None:
    integration = methods(image)["ANY", root]["Integration"]
    assert integration["Type"] == "MOCK"
    (reply,) = integration["IntegrationResponses"]
    assert reply["StatusCode"] == "400"
    body = json.loads(reply["ResponseTemplates"]["application/json"])
    assert body["__type"] == "UnknownOperationException"


def test_no_media_type_is_binary_so_bodies_arrive_as_text(image: Template) -> None:
    assert "BinaryMediaTypes" not in only(image, "AWS::ApiGateway::RestApi")["Properties"]


def test_the_stage_throttles(image: Template, every_choice: Template) -> None:
    limits = [
        [(each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"]) for each in settings]
        for template in (image, every_choice)
        for settings in [only(template, "AWS::ApiGateway::Stage")["Properties"]["MethodSettings"]]
    ]
    assert limits == [[(50, 100)], [(5, 6)]]


def test_the_access_log_holds_no_body(image: Template) -> None:
    stage = only(image, "AWS::ApiGateway::Stage")["Properties"]
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert set(logged.values()) >= {"$context.requestId", "$context.identity.userArn"}
    assert not [value for value in logged.values() if "body" in value or "input" in value]
    for settings in stage["MethodSettings"]:
        assert not settings.get("DataTraceEnabled")
        assert "LoggingLevel" not in settings


def refusals(template: Template) -> dict[str, tuple[int, dict[str, str]]]:
    """From response type to status and body, with the gateway's variables filled in."""
    found = {}
    for each in resources(template, "AWS::ApiGateway::GatewayResponse"):
        properties = each["Properties"]
        (body,) = properties["ResponseTemplates"].values()
        body = body.replace("$context.error.messageString", '"the gateway\'s own words"')
        found[properties["ResponseType"]] = (int(properties["StatusCode"]), json.loads(body))
    return found


def test_every_refusal_of_the_gateway_is_shaped_like_awss(image: Template) -> None:
    from aws_cdk import aws_apigateway as apigateway

    known = {
        getattr(apigateway.ResponseType, name).response_type
        for name in dir(apigateway.ResponseType)
        if name.isupper()
    }
    assert set(refusals(image)) == known
    for _, body in refusals(image).values():
        assert set(body) == {"__type", "message"}
        assert body["message"]


def test_refusals_say_that_they_are_json_1_1(image: Template) -> None:
    for each in resources(image, "AWS::ApiGateway::GatewayResponse"):
        assert each["Properties"]["ResponseParameters"] == {
            "gatewayresponse.header.Content-Type": "'application/x-amz-json-1.1'"
        }
        assert set(each["Properties"]["ResponseTemplates"]) == {"application/json"}


@pytest.mark.parametrize(
    ("response_type", "status", "code"),
    [
        ("ACCESS_DENIED", 400, "AccessDeniedException"),
        ("EXPIRED_TOKEN", 400, "ExpiredTokenException"),
        ("INVALID_SIGNATURE", 400, "InvalidSignatureException"),
        ("MISSING_AUTHENTICATION_TOKEN", 400, "MissingAuthenticationTokenException"),
        ("REQUEST_TOO_LARGE", 400, "ValidationException"),
        ("RESOURCE_NOT_FOUND", 400, "UnknownOperationException"),
        ("UNSUPPORTED_MEDIA_TYPE", 400, "UnknownOperationException"),
        ("THROTTLED", 400, "ThrottlingException"),
        ("INTEGRATION_FAILURE", 500, "InternalServerError"),
        ("INTEGRATION_TIMEOUT", 500, "InternalServerError"),
    ],
)
def test_a_refusal_has_awss_status_and_code(
    response_type: str, status: int, code: str, image: Template
) -> None:
    found_status, body = refusals(image)[response_type]
    assert (found_status, body["__type"]) == (status, code)


def test_the_refusal_of_a_large_body_says_how_much_fits_and_names_s3_object(
    image: Template,
) -> None:
    message = refusals(image)["REQUEST_TOO_LARGE"][1]["message"]
    assert "about 4.4 MB, those of both images of CompareFaces together" in message
    assert "S3Object" in message


def test_sdks_retry_only_transient_refusals(image: Template) -> None:
    retried = {
        response_type
        for response_type, (status, body) in refusals(image).items()
        if status in TransientRetryableChecker._TRANSIENT_STATUS_CODES
        or body["__type"] in ThrottledRetryableChecker._THROTTLED_ERROR_CODES
    }
    assert retried == {
        "API_CONFIGURATION_ERROR",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "AUTHORIZER_FAILURE",
        "DEFAULT_5XX",
        "INTEGRATION_FAILURE",
        "INTEGRATION_TIMEOUT",
        "THROTTLED",
    }
