"""The REST API, for all but `auth=keys`: every call is a `POST /` that the gateway authorises, and
its refusals look like AWS's."""

import json
from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import DeploymentConfig
from infra.gateway import mock
from infra.gateway.gateway import (
    ACCESS_LOG,
    DESCRIPTION,
    OTHER_ROUTES_BURST,
    OTHER_ROUTES_RATE,
    TIMEOUT_SECONDS,
    Gateway,
    Measured,
)
from infra.gateway.refusals import CONTENT_TYPE, REFUSALS
from infra.nag import acknowledge


class RestGateway(Gateway):
    kind = "REST"
    stage = "v1"

    def __init__(self, scope: Construct, id_: str, *, config: DeploymentConfig) -> None:
        super().__init__(scope, id_, config=config)
        self._api = self._rest_api()
        for resource in (self._api.root, self._api.root.add_resource("{proxy+}")):
            mock.refuse_other_methods(resource, config.cors_origins)
            mock.answer_preflights(resource, config.cors_origins)
        self._shape_refusals()
        self._map_domain()
        acknowledge(self._api, _REASONS)
        if config.gateway_log_role == "create":
            acknowledge(self._api, _LOG_ROLE)
        if config.auth == "none":
            acknowledge(self._api, {"APIG4": "auth=none is for a local cloud."})

    def answer_with(self, function: lambda_.IFunction) -> None:
        self._api.root.add_method(
            "POST",
            apigateway.LambdaIntegration(
                function,
                allow_test_invoke=False,
                timeout=Duration.seconds(TIMEOUT_SECONDS),
            ),
            authorization_type=_AUTHORIZATION[self.config.auth],
        )

    @property
    def api_id(self) -> str:
        return self._api.rest_api_id

    @property
    def path(self) -> str:
        return f"/{self.stage}"

    def metric(self, measured: Measured, statistic: str) -> cloudwatch.Metric:
        stage = self._api.deployment_stage
        return {
            "count": stage.metric_count,
            "latency": stage.metric_latency,
            "client_errors": stage.metric_client_error,
            "server_errors": stage.metric_server_error,
        }[measured](statistic=statistic)

    def _rest_api(self) -> apigateway.RestApi:
        config = self.config
        rest_api = apigateway.RestApi(
            self.scope,
            "RestApi",
            rest_api_name=config.stack_name,
            description=DESCRIPTION,
            endpoint_configuration=self._endpoint(),
            disable_execute_api_endpoint=config.disable_default_endpoint == "yes" or None,
            policy=_policy(config),
            # API Gateway writes all logs of an account with one role; a new account has none.
            cloud_watch_role=config.gateway_log_role == "create",
            deploy_options=apigateway.StageOptions(
                stage_name=self.stage,
                # All methods but those below.
                throttling_rate_limit=OTHER_ROUTES_RATE,
                throttling_burst_limit=OTHER_ROUTES_BURST,
                metrics_enabled=True,
                method_options={
                    f"//{method}": apigateway.MethodDeploymentOptions(
                        throttling_rate_limit=config.throttle_rate,
                        throttling_burst_limit=config.throttle_burst,
                        metrics_enabled=True,
                    )
                    for method in (["POST", "OPTIONS"] if config.cors_origins else ["POST"])
                },
                tracing_enabled=True,
                access_log_destination=apigateway.LogGroupLogDestination(self.access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            ),
        )
        # Removes CDK's output of the URL: the stack has its own, whose name does not change.
        rest_api.node.try_remove_child("Endpoint")
        return rest_api

    def _endpoint(self) -> apigateway.EndpointConfiguration:
        endpoints = self.config.private_vpc_endpoints
        if not endpoints:
            return apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL])
        return apigateway.EndpointConfiguration(
            types=[apigateway.EndpointType.PRIVATE],
            vpc_endpoints=[
                ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
                    self.scope, f"Endpoint-{id_}", vpc_endpoint_id=id_, port=443
                )
                for id_ in endpoints
            ],
        )

    def _shape_refusals(self) -> None:
        for refusal in REFUSALS:
            self._api.add_gateway_response(
                refusal.construct_id,
                type=apigateway.ResponseType.of(refusal.response_type),
                status_code=str(refusal.status),
                response_headers={
                    "Content-Type": f"'{CONTENT_TYPE}'",
                    # Clients other than boto3 read the code here first.
                    "x-amzn-ErrorType": f"'{refusal.code}'",
                    **mock.refusal_headers(self.config.cors_origins),
                },
                # The gateway uses this template alone, whichever content type a caller accepts.
                templates={"application/json": refusal.body},
            )

    def _map_domain(self) -> None:
        if self.config.domain_name == "none":
            return
        domain = apigateway.DomainName(
            self.scope,
            "Domain",
            domain_name=self.config.domain_name,
            certificate=self.certificate(),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
            mapping=self._api,
        )
        self.domain_target = domain.domain_name_alias_domain_name


def _policy(config: DeploymentConfig) -> iam.PolicyDocument | None:
    """Denies other networks.

    It allows no more than there would be without it. A policy that let everyone in would do so even
    with signatures required: for callers of the same account an Allow here is enough, and callers
    of other accounts can write the other half themselves. See
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    if config.source_ip_ranges:
        outside = {"NotIpAddress": {"aws:SourceIp": list(config.source_ip_ranges)}}
    elif config.private_vpc_endpoints:
        outside = {"StringNotEquals": {"aws:SourceVpce": list(config.private_vpc_endpoints)}}
    else:
        return None
    statements = [_about(iam.Effect.DENY, iam.AnyPrincipal(), ["*"], conditions=outside)]
    if config.auth == "none":
        statements.append(_about(iam.Effect.ALLOW, iam.AnyPrincipal(), ["*"]))
    else:
        # The account itself: its users need the permission besides.
        statements.append(_about(iam.Effect.ALLOW, iam.AccountRootPrincipal(), ["*/POST/"]))
        statements.append(_about(iam.Effect.ALLOW, iam.AnyPrincipal(), _OTHER_ROUTES))
    return iam.PolicyDocument(statements=statements)


def _about(
    effect: iam.Effect,
    principal: iam.IPrincipal,
    methods: Sequence[str],
    conditions: dict[str, dict[str, list[str]]] | None = None,
) -> iam.PolicyStatement:
    """`methods`: each as `<stage>/<method>/<path>`."""
    return iam.PolicyStatement(
        effect=effect,
        principals=[principal],
        actions=["execute-api:Invoke"],
        resources=[f"execute-api:/{each}" for each in methods],
        conditions=conditions,
    )


# Preflights and refusals, which nobody signs: everything but a POST to the root.
_OTHER_ROUTES = [
    *(f"*/{method}/*" for method in ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT")),
    "*/POST/?*",
]
_AUTHORIZATION = {
    "iam": apigateway.AuthorizationType.IAM,
    "none": apigateway.AuthorizationType.NONE,
}

_ACCESS_LOG = ACCESS_LOG | {"caller": "$context.identity.userArn"}

_REASONS = {
    "APIG2": "The function checks requests against the service model and replies as AWS does; the "
    "gateway cannot distinguish operations.",
    "APIG3": "The owner authorises all callers, and may attach a web ACL.",
    "APIG6": "Execution logs go to a group that no stack owns and that keeps everything. The "
    "access log has the refusals, the function's log the rest.",
    "COG4": "SDKs sign with access keys of AWS or of Semblance: no user pool.",
}
_LOG_ROLE = {
    "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/"
    "AmazonAPIGatewayPushToCloudWatchLogs]": "AWS's policy for the role with which API Gateway "
    "writes the logs of an account.",
}
