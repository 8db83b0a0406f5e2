"""The REST API: everything is a signed `POST /`, and what the gateway refuses looks like AWS."""

import json

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import DeploymentConfig
from infra.logs import log_group
from infra.refusals import CONTENT_TYPE, REFUSALS, UNKNOWN_OPERATION, Refusal

STAGE = "v1"
LONGEST_INTEGRATION_SECONDS = 29


class Api(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, config: DeploymentConfig, function: lambda_.IFunction
    ) -> None:
        super().__init__(scope, id_)
        self.rest_api = apigateway.RestApi(
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
                access_log_destination=apigateway.LogGroupLogDestination(
                    log_group(self, "AccessLog", config=config)
                ),
                access_log_format=_ACCESS_LOG,
            ),
        )
        self.rest_api.root.add_method(
            "POST",
            apigateway.LambdaIntegration(
                function,
                allow_test_invoke=False,
                timeout=Duration.seconds(LONGEST_INTEGRATION_SECONDS),
            ),
            authorization_type=_AUTHORIZATION[config.auth],
        )
        self._answer_other_routes()
        for refusal in REFUSALS:
            self._add_gateway_response(refusal)
        self._acknowledge(config)

    @property
    def url(self) -> str:
        return self.rest_api.url

    def _answer_other_routes(self) -> None:
        """Left alone, the gateway would call them unsigned: "Missing Authentication Token"."""
        for resource in (self.rest_api.root, self.rest_api.root.add_resource("{proxy+}")):
            method = resource.add_method(
                "ANY",
                apigateway.MockIntegration(
                    # Any other content type ends in UNSUPPORTED_MEDIA_TYPE, which says the same.
                    passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
                    request_templates={"application/json": '{"statusCode": 400}'},
                    integration_responses=[
                        apigateway.IntegrationResponse(
                            status_code="400",
                            response_parameters={
                                "method.response.header.Content-Type": f"'{CONTENT_TYPE}'"
                            },
                            response_templates={"application/json": UNKNOWN_OPERATION.body},
                        )
                    ],
                ),
                authorization_type=apigateway.AuthorizationType.NONE,
                method_responses=[
                    apigateway.MethodResponse(
                        status_code="400",
                        response_parameters={"method.response.header.Content-Type": True},
                    )
                ],
            )
            Validations.of(method).acknowledge(
                *_acknowledgments(
                    "The gateway itself says that there is no such operation.",
                    "AwsSolutions-APIG4",
                    "AwsSolutions-COG4",
                )
            )

    def _add_gateway_response(self, refusal: Refusal) -> None:
        self.rest_api.add_gateway_response(
            refusal.construct_id,
            type=apigateway.ResponseType.of(refusal.response_type),
            status_code=str(refusal.status),
            response_headers={"Content-Type": f"'{CONTENT_TYPE}'"},
            templates={"application/json": refusal.body},
        )

    def _acknowledge(self, config: DeploymentConfig) -> None:
        Validations.of(self.rest_api).acknowledge(
            *_acknowledgments(
                "Requests are checked against the service model in the function, whose replies "
                "are AWS's; the gateway cannot tell one operation from another.",
                "AwsSolutions-APIG2",
            ),
            *_acknowledgments(
                "Callers are AWS principals of the owner; a web ACL is theirs to attach.",
                "AwsSolutions-APIG3",
            ),
            *_acknowledgments(
                "Execution logs go to a group that no stack owns and that never expires. The "
                "access log has the refusals and the function's log the rest.",
                "AwsSolutions-APIG6",
            ),
            *_acknowledgments(
                "SDKs sign with AWS credentials: AWS_IAM, no user pool.", "AwsSolutions-COG4"
            ),
            *_acknowledgments(
                "AWS's own policy for the role with which API Gateway writes an account's logs.",
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
                "AmazonAPIGatewayPushToCloudWatchLogs]",
            ),
        )
        if config.auth == "none":
            Validations.of(self.rest_api).acknowledge(
                *_acknowledgments(
                    "auth=none: a local cloud that the owner has to himself.", "AwsSolutions-APIG4"
                )
            )


_AUTHORIZATION = {
    "iam": apigateway.AuthorizationType.IAM,
    "none": apigateway.AuthorizationType.NONE,
}

# Who asked, when and with what outcome. Bodies hold pictures: they are in no log.
_ACCESS_LOG = apigateway.AccessLogFormat.custom(
    json.dumps(
        {
            "requestId": "$context.requestId",
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
    )
)


def _acknowledgments(reason: str, *ids: str) -> list[Acknowledgment]:
    return [Acknowledgment(id=id_, reason=reason) for id_ in ids]
