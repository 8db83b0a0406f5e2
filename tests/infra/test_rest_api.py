import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from semblance.contract import cors
from tests.infra.conftest import CERTIFICATE
from tests.infra.synthesis import Template, resources, synthesise, template_of
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


def limits(template: Template) -> dict[tuple[str, str], tuple[int, int]]:
    """Requests a second and at once, by path and method."""
    settings = only(template, "AWS::ApiGateway::Stage")["Properties"]["MethodSettings"]
    return {
        (each["ResourcePath"], each["HttpMethod"]): (
            each["ThrottlingRateLimit"],
            each["ThrottlingBurstLimit"],
        )
        for each in settings
    }


def test_calls_are_throttled_as_the_owner_chose_and_other_requests_far_below(
    image: Template, every_choice: Template
) -> None:
    assert limits(image) == {("/*", "*"): (1, 5), ("/", "POST"): (50, 100)}
    assert limits(every_choice) == {
        ("/*", "*"): (1, 5),
        ("/", "POST"): (5, 6),
        ("/", "OPTIONS"): (5, 6),
    }


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


def test_refusals_say_that_they_are_json_1_1_and_name_their_code(image: Template) -> None:
    for each in resources(image, "AWS::ApiGateway::GatewayResponse"):
        (body,) = each["Properties"]["ResponseTemplates"].values()
        code = re.match('{"__type":"([A-Za-z]+)"', body)[1]  # type: ignore[index]
        assert each["Properties"]["ResponseParameters"] == {
            "gatewayresponse.header.Content-Type": "'application/x-amz-json-1.1'",
            "gatewayresponse.header.x-amzn-ErrorType": f"'{code}'",
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


def test_no_page_may_call_unless_its_origin_is_listed(image: Template) -> None:
    assert "Access-Control" not in json.dumps(image)
    assert not [method for method, _ in methods(image) if method == "OPTIONS"]


@pytest.mark.parametrize("root", [True, False])
def test_a_preflight_needs_no_signature_and_reaches_no_function(
    root: bool, every_choice: Template
) -> None:
    preflight = methods(every_choice)["OPTIONS", root]
    assert preflight["AuthorizationType"] == "NONE"
    assert preflight["Integration"]["Type"] == "MOCK"
    (reply,) = preflight["Integration"]["IntegrationResponses"]
    assert reply["StatusCode"] == "204"
    assert headers_of(reply) == {
        "Access-Control-Allow-Origin": "'https://faces.example.com'",
        "Access-Control-Allow-Methods": "'POST'",
        "Access-Control-Allow-Headers": f"'{','.join(cors.ALLOWED_HEADERS)}'",
        "Access-Control-Expose-Headers": f"'{','.join(cors.EXPOSED_HEADERS)}'",
        "Access-Control-Max-Age": "'7200'",
        "Vary": "'Origin'",
    }


def headers_of(reply: dict[str, Any]) -> dict[str, str]:
    names = {name.rpartition(".")[2]: value for name, value in reply["ResponseParameters"].items()}
    names.pop("Content-Type", None)
    names.pop("x-amzn-ErrorType", None)
    return names


@pytest.mark.parametrize("method", ["ANY", "OPTIONS"])
@pytest.mark.parametrize("root", [True, False])
def test_the_second_origin_replaces_the_first_when_it_asks(
    method: str, root: bool, every_choice: Template
) -> None:
    (reply,) = methods(every_choice)[method, root]["Integration"]["IntegrationResponses"]
    assert headers_of(reply)["Access-Control-Allow-Origin"] == "'https://faces.example.com'"
    template = reply["ResponseTemplates"]["application/json"]
    assert '#if($origin == "http://localhost:8000")' in template
    assert "#set($context.responseOverride.header.Access-Control-Allow-Origin" in template


def test_a_page_may_read_the_gateways_refusals(every_choice: Template) -> None:
    for each in resources(every_choice, "AWS::ApiGateway::GatewayResponse"):
        assert headers_of(each["Properties"]) == {
            "Access-Control-Allow-Origin": "method.request.header.Origin",
            "Access-Control-Expose-Headers": f"'{','.join(cors.EXPOSED_HEADERS)}'",
            "Vary": "'Origin'",
        }


def test_with_one_origin_the_gateways_refusals_name_no_other(tmp_path: Path) -> None:
    choices = {"packaging": "source", "cors_origins": "https://faces.example.com"}
    template = template_of(synthesise(tmp_path, **choices))
    for each in resources(template, "AWS::ApiGateway::GatewayResponse"):
        origin = each["Properties"]["ResponseParameters"][
            "gatewayresponse.header.Access-Control-Allow-Origin"
        ]
        assert origin == "'https://faces.example.com'"


def test_a_custom_domain_can_be_the_only_endpoint(image: Template, every_choice: Template) -> None:
    domain = only(every_choice, "AWS::ApiGateway::DomainName")["Properties"]
    assert domain["DomainName"] == "faces.example.com"
    assert domain["RegionalCertificateArn"] == CERTIFICATE
    assert domain["SecurityPolicy"] == "TLS_1_2"
    mapping = only(every_choice, "AWS::ApiGateway::BasePathMapping")["Properties"]
    assert mapping["Stage"] == {"Ref": logical_id(every_choice, "AWS::ApiGateway::Stage")}
    assert "BasePath" not in mapping
    api = only(every_choice, "AWS::ApiGateway::RestApi")["Properties"]
    assert api["DisableExecuteApiEndpoint"] is True
    outputs = every_choice["Outputs"]
    assert outputs["ApiUrl"]["Value"] == "https://faces.example.com"
    target = [logical_id(every_choice, "AWS::ApiGateway::DomainName"), "RegionalDomainName"]
    assert outputs["DomainTarget"]["Value"] == {"Fn::GetAtt": target}
    assert "DisableExecuteApiEndpoint" not in only(image, "AWS::ApiGateway::RestApi")["Properties"]


def logical_id(template: Template, type_: str) -> str:
    (found,) = (name for name, each in template["Resources"].items() if each["Type"] == type_)
    return found


def test_only_the_owners_networks_may_call(every_choice: Template) -> None:
    """With auth=none, as here, nobody is let in without an Allow."""
    policy = only(every_choice, "AWS::ApiGateway::RestApi")["Properties"]["Policy"]
    anyone = {
        "Action": "execute-api:Invoke",
        "Principal": {"AWS": "*"},
        "Resource": "execute-api:/*",
    }
    ranges = ["192.0.2.0/24", "2001:db8::/32"]
    outside = {"NotIpAddress": {"aws:SourceIp": ranges}}
    statements = policy["Statement"]
    assert {"Effect": "Deny", "Condition": outside, **anyone} in statements
    assert {"Effect": "Allow", **anyone} in statements


def test_a_policy_lets_nobody_in_who_may_not_call_without_it(private: Template) -> None:
    """In the same account, an Allow for everyone would do without execute-api:Invoke."""
    policy = only(private, "AWS::ApiGateway::RestApi")["Properties"]["Policy"]
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    (calls,) = [each for each in allowed if each["Resource"] == "execute-api:/*/POST/"]
    account = json.dumps(calls["Principal"])
    assert '":root"' in account
    assert "AWS::AccountId" in account
    # The rest do nothing; none of them is the one method that reaches the function.
    (others,) = [each for each in allowed if each is not calls]
    patterns = [
        re.escape(each).replace("\\*", ".*").replace("\\?", ".") for each in others["Resource"]
    ]
    for route in ("v1/GET/", "v1/OPTIONS/", "v1/POST/other"):
        assert any(re.fullmatch(each, f"execute-api:/{route}") for each in patterns), route
    assert not [each for each in patterns if re.fullmatch(each, "execute-api:/v1/POST/")]


def test_a_private_api_answers_through_the_owners_endpoints_alone(
    private: Template, image: Template
) -> None:
    endpoints = ["vpce-0123456789abcdef0", "vpce-11111111111111111"]
    api = only(private, "AWS::ApiGateway::RestApi")["Properties"]
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": endpoints}
    (denied,) = [each for each in api["Policy"]["Statement"] if each["Effect"] == "Deny"]
    assert denied["Condition"] == {"StringNotEquals": {"aws:SourceVpce": endpoints}}
    public = only(image, "AWS::ApiGateway::RestApi")["Properties"]
    assert public["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert "Policy" not in public


def test_the_accounts_log_role_is_entered_unless_it_has_one(
    image: Template, every_choice: Template
) -> None:
    account = only(image, "AWS::ApiGateway::Account")
    role = account["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"][0]
    # Other APIs of the account write their logs with it, so it outlives the stack.
    assert account["DeletionPolicy"] == image["Resources"][role]["DeletionPolicy"] == "Retain"
    types = {each["Type"] for each in every_choice["Resources"].values()}
    assert "AWS::ApiGateway::Account" not in types
