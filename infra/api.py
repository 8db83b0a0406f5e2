"""The REST API: everything is a signed `POST /`, and what the gateway refuses looks like AWS."""

import json

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import DeploymentConfig
from infra.logs import log_group
from infra.nag import acknowledge
from infra.refusals import CONTENT_TYPE, REFUSALS, UNKNOWN_OPERATION

STAGE = "v1"
LONGEST_INTEGRATION_SECONDS = 29


class Api(Construct):
    def __init__(self, scope: Construct, id_: str, *, config: DeploymentConfig) -> None:
        super().__init__(scope, id_)
        self._auth = config.auth
        self.access_log = log_group(self, "AccessLog", config=config)
        self.rest_api = self._rest_api(config)
        self._answer_other_routes()
        for refusal in REFUSALS:
            self.rest_api.add_gateway_response(
                refusal.construct_id,
                type=apigateway.ResponseType.of(refusal.response_type),
                status_code=str(refusal.status),
                response_headers={"Content-Type": f"'{CONTENT_TYPE}'"},
                # The only template that the gateway looks at, whatever a caller accepts.
                templates={"application/json": refusal.body},
            )
        acknowledge(self.rest_api, _REASONS)
        if config.auth in _UNAUTHORIZED:
            acknowledge(self.rest_api, _UNAUTHORIZED[config.auth])

    def answer_with(self, function: lambda_.IFunction) -> None:
        """By itself, for the function's settings may name the API."""
        self.rest_api.root.add_method(
            "POST",
            apigateway.LambdaIntegration(
                function,
                allow_test_invoke=False,
                timeout=Duration.seconds(LONGEST_INTEGRATION_SECONDS),
            ),
            authorization_type=_AUTHORIZATION[self._auth],
        )

    @property
    def url(self) -> str:
        return self.rest_api.url

    def _rest_api(self, config: DeploymentConfig) -> apigateway.RestApi:
        rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=config.stack_name,
            description="Face collections: Amazon Rekognition's JSON 1.1 protocol",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # An account has one role with which API Gateway writes any log; a new account has none.
            cloud_watch_role=True,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                throttling_rate_limit=config.throttle_rate,
                throttling_burst_limit=config.throttle_burst,
                metrics_enabled=True,
                tracing_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(self.access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            ),
        )
        # Its own output for the URL: the stack has one, under a name that does not change.
        rest_api.node.try_remove_child("Endpoint")
        return rest_api

    def _answer_other_routes(self) -> None:
        """Left alone, the gateway would call them unsigned: "Missing Authentication Token"."""
        root = self.rest_api.root
        for resource in (root, root.add_resource("{proxy+}")):
            method = resource.add_method(
                "ANY",
                _unknown_operation(),
                authorization_type=apigateway.AuthorizationType.NONE,
                method_responses=[
                    apigateway.MethodResponse(
                        status_code=str(UNKNOWN_OPERATION.status),
                        response_parameters={_REPLY_TYPE: True},
                    )
                ],
            )
            acknowledge(method, {"APIG4": "There is nothing behind it to be authorised for."})


def _unknown_operation() -> apigateway.MockIntegration:
    status = UNKNOWN_OPERATION.status
    return apigateway.MockIntegration(
        # A request of another content type ends in UNSUPPORTED_MEDIA_TYPE, which says the same.
        passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
        request_templates={"application/json": json.dumps({"statusCode": status})},
        integration_responses=[
            apigateway.IntegrationResponse(
                status_code=str(status),
                response_parameters={_REPLY_TYPE: f"'{CONTENT_TYPE}'"},
                response_templates={"application/json": UNKNOWN_OPERATION.body},
            )
        ],
    )


_AUTHORIZATION = {
    "iam": apigateway.AuthorizationType.IAM,
    "keys": apigateway.AuthorizationType.NONE,
    "none": apigateway.AuthorizationType.NONE,
}
_UNAUTHORIZED = {
    "keys": {
        "APIG4": "The function checks the signature of every request, made with a key of the "
        "service's own, before it reads anything else. The gateway cannot: its check is for "
        "signatures that name execute-api, and unmodified clients name rekognition.",
    },
    "none": {"APIG4": "auth=none is for a local cloud."},
}
_REPLY_TYPE = "method.response.header.Content-Type"

# Who asked, when and with what outcome. Bodies hold pictures: they are in no log.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    # A caller may choose the id above; nobody chooses this one.
    "lambdaRequestId": "$context.integration.requestId",
    "requestTime": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.userArn",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "refusal": "$context.error.responseType",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
}

_REASONS = {
    "APIG2": "Requests are checked against the service model in the function, whose replies are "
    "AWS's; the gateway cannot tell one operation from another.",
    "APIG3": "Callers are those whom the owner has given access; a web ACL is his to attach.",
    "APIG6": "Execution logs go to a group that no stack owns and that keeps everything. The "
    "access log has the refusals, the function's log the rest.",
    "COG4": "SDKs sign with access keys, AWS's or the service's own: no user pool.",
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AmazonAPIGatewayPushToCloudWatchLogs]": "AWS's own policy for the role with which API "
    "Gateway writes the logs of an account.",
}
