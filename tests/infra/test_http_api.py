"""With `auth=keys`: an HTTP API, which hands a signed request to the function as it arrived."""

import json
from typing import Any

import pytest

from semblance.contract import cors
from tests.infra.conftest import CERTIFICATE
from tests.infra.synthesis import Template, resources
from tests.infra.test_monitoring import alarms, watched
from tests.infra.test_storage import only

pytestmark = pytest.mark.infra


def environments(template: Template) -> list[dict[str, Any]]:
    return [
        each["Properties"]["Environment"]["Variables"]
        for each in resources(template, "AWS::Lambda::Function")
    ]


def test_there_is_no_rest_api_beside_it(keys: Template, image: Template) -> None:
    """Nor the log role of the account: an HTTP API delivers its log without one."""
    types = {each["Type"] for each in keys["Resources"].values()}
    assert not [each for each in types if each.startswith("AWS::ApiGateway::")]
    assert keys["Outputs"]["ApiKind"]["Value"] == "HTTP"
    assert image["Outputs"]["ApiKind"]["Value"] == "REST"


def test_the_function_authenticates_and_the_gateway_does_not(keys: Template) -> None:
    routes = [each["Properties"] for each in resources(keys, "AWS::ApiGatewayV2::Route")]
    assert {route["RouteKey"]: route["AuthorizationType"] for route in routes} == {
        "POST /": "NONE",
        "$default": "NONE",
    }
    assert keys["Outputs"]["Auth"]["Value"] == "keys"
    assert {each["SEMBLANCE_AUTH"] for each in environments(keys)} == {"keys"}


def test_a_header_that_is_there_twice_reaches_the_function_as_two(keys: Template) -> None:
    """Format 2.0 would join its values."""
    integration = only(keys, "AWS::ApiGatewayV2::Integration")["Properties"]
    assert integration["PayloadFormatVersion"] == "1.0"
    assert integration["TimeoutInMillis"] == 29_000


def test_clients_may_sign_the_root_and_the_owners_paths(keys: Template, image: Template) -> None:
    """In the local cloud there is one more path: see tests/deployed/test_keys.py."""
    assert {each["SEMBLANCE_SIGNING_PATHS"] for each in environments(keys)} == {"/,/faces/"}
    assert {each["SEMBLANCE_SIGNING_PATHS"] for each in environments(image)} == {""}


def test_the_endpoint_has_neither_stage_nor_slash(keys: Template) -> None:
    parts = keys["Outputs"]["ApiUrl"]["Value"]["Fn::Join"][1]
    assert parts[-1] == {"Ref": "AWS::URLSuffix"}
    stage = only(keys, "AWS::ApiGatewayV2::Stage")["Properties"]
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)


def test_calls_are_throttled_as_the_owner_chose_and_other_requests_far_below(
    keys: Template, keys_in_a_browser: Template
) -> None:
    for template, limits in ((keys, (50, 100)), (keys_in_a_browser, (5, 6))):
        stage = only(template, "AWS::ApiGatewayV2::Stage")
        calls = stage["Properties"]["RouteSettings"]["POST /"]
        assert (calls["ThrottlingRateLimit"], calls["ThrottlingBurstLimit"]) == limits
        others = stage["Properties"]["DefaultRouteSettings"]
        assert (others["ThrottlingRateLimit"], others["ThrottlingBurstLimit"]) == (1, 5)
        # A stage whose settings name a route that does not exist yet is refused.
        routes = {
            name
            for name, each in template["Resources"].items()
            if each["Type"] == "AWS::ApiGatewayV2::Route"
        }
        assert routes <= set(stage["DependsOn"])


def test_the_access_log_holds_no_body(keys: Template) -> None:
    stage = only(keys, "AWS::ApiGatewayV2::Stage")["Properties"]
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert logged["requestId"] == "$context.requestId"
    assert logged["lambdaRequestId"] == "$context.integration.requestId"
    assert not [value for value in logged.values() if "body" in value or "input" in value]


def test_the_gateway_answers_preflights(keys: Template, keys_in_a_browser: Template) -> None:
    api = only(keys_in_a_browser, "AWS::ApiGatewayV2::Api")["Properties"]
    assert api["CorsConfiguration"] == {
        "AllowOrigins": ["https://faces.example.com", "http://localhost:8000"],
        "AllowMethods": ["POST"],
        "AllowHeaders": list(cors.ALLOWED_HEADERS),
        "ExposeHeaders": list(cors.EXPOSED_HEADERS),
        "MaxAge": 7200,
    }
    assert "CorsConfiguration" not in only(keys, "AWS::ApiGatewayV2::Api")["Properties"]
    assert {each["SEMBLANCE_CORS_ORIGINS"] for each in environments(keys_in_a_browser)} == {
        "https://faces.example.com,http://localhost:8000"
    }


def test_a_custom_domain_can_be_the_only_endpoint(
    keys: Template, keys_in_a_browser: Template
) -> None:
    domain = only(keys_in_a_browser, "AWS::ApiGatewayV2::DomainName")["Properties"]
    assert domain["DomainName"] == "faces.example.com"
    (configuration,) = domain["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == CERTIFICATE
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    mapping = only(keys_in_a_browser, "AWS::ApiGatewayV2::ApiMapping")["Properties"]
    assert mapping["Stage"] == "$default"
    assert "ApiMappingKey" not in mapping
    api = only(keys_in_a_browser, "AWS::ApiGatewayV2::Api")["Properties"]
    assert api["DisableExecuteApiEndpoint"] is True
    assert keys_in_a_browser["Outputs"]["ApiUrl"]["Value"] == "https://faces.example.com"
    assert (
        "RegionalDomainName" in keys_in_a_browser["Outputs"]["DomainTarget"]["Value"]["Fn::GetAtt"]
    )
    assert not only(keys, "AWS::ApiGatewayV2::Api")["Properties"]["DisableExecuteApiEndpoint"]


def test_the_error_rate_is_the_share_of_its_calls(keys: Template) -> None:
    alarm = alarms(keys)["ErrorRate"]
    asked = watched(alarm)
    assert (asked.namespace, asked.name) == ("AWS/ApiGateway", "5xx")
    assert asked.dimensions == {
        "ApiId": keys["Outputs"]["ApiId"]["Value"],
        "Stage": "$default",
    }
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Average", 0.05)
