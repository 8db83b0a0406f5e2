"""The REST API: every call is a signed `POST /`, and the gateway's refusals look like AWS's."""

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
                # The gateway uses this template alone, whichever content type a caller accepts.
                templates={"application/json": refusal.body},
            )
        acknowledge(self.rest_api, _REASONS)
        if config.auth in _UNAUTHORIZED:
            acknowledge(self.rest_api, _UNAUTHORIZED[config.auth])

    def answer_with(self, function: lambda_.IFunction) -> None:
        """Not in __init__: the function's settings may name the API, which must exist before."""
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
            # API Gateway writes all logs of an account with one role; a new account has none.
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
        # Removes CDK's output of the URL: the stack has its own, whose name does not change.
        rest_api.node.try_remove_child("Endpoint")
        return rest_api

    def _answer_other_routes(self) -> None:
        """Without this the gateway would answer them with "Missing Authentication Token"."""
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
            acknowledge(method, {"APIG4": "The method does nothing that needs authorisation."})


def _unknown_operation() -> apigateway.MockIntegration:
    status = UNKNOWN_OPERATION.status
    return apigateway.MockIntegration(
        # Other content types get UNSUPPORTED_MEDIA_TYPE, which has the same reply.
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
        "APIG4": "The function checks every request's signature, made with an access key that "
        "Semblance issued, before it reads anything else. The gateway cannot: it accepts "
        "signatures for execute-api, and unmodified clients sign for rekognition.",
    },
    "none": {"APIG4": "auth=none is for a local cloud."},
}
_REPLY_TYPE = "method.response.header.Content-Type"

# Caller, time and outcome. Bodies hold pictures, so no log has them.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    # A caller may choose the id above, but not this one.
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
    "APIG2": "The function checks requests against the service model and replies as AWS does; the "
    "gateway cannot distinguish operations.",
    "APIG3": "The owner authorises all callers, and may attach a web ACL.",
    "APIG6": "Execution logs go to a group that no stack owns and that keeps everything. The "
    "access log has the refusals, the function's log the rest.",
    "COG4": "SDKs sign with access keys of AWS or of Semblance: no user pool.",
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AmazonAPIGatewayPushToCloudWatchLogs]": "AWS's policy for the role with which API Gateway "
    "writes the logs of an account.",
}
