"""The HTTP API, for `auth=keys`: it hands a signed request to the function as it arrived.

A REST API drops an Authorization header that holds a Signature Version 4:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

import json

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.config import DeploymentConfig
from infra.gateway.gateway import (
    ACCESS_LOG,
    DESCRIPTION,
    OTHER_ROUTES_BURST,
    OTHER_ROUTES_RATE,
    TIMEOUT_SECONDS,
    Gateway,
    Measured,
)
from infra.nag import acknowledge
from semblance.contract import cors

_OTHER_ROUTES = "$default"


class HttpGateway(Gateway):
    kind = "HTTP"
    stage = "$default"

    def __init__(self, scope: Construct, id_: str, *, config: DeploymentConfig) -> None:
        super().__init__(scope, id_, config=config)
        self._api = apigatewayv2.HttpApi(
            self.scope,
            "HttpApi",
            api_name=config.stack_name,
            description=DESCRIPTION,
            create_default_stage=False,
            disable_execute_api_endpoint=config.disable_default_endpoint == "yes",
            cors_preflight=_cors(config),
        )

    def answer_with(self, function: lambda_.IFunction) -> None:
        integration = HttpLambdaIntegration(
            "Function",
            function,
            # Format 2.0 joins the values of a header that a request has twice.
            payload_format_version=apigatewayv2.PayloadFormatVersion.VERSION_1_0,
            timeout=Duration.seconds(TIMEOUT_SECONDS),
        )
        routes = [
            apigatewayv2.HttpRoute(
                self.scope, name, http_api=self._api, route_key=key, integration=integration
            )
            for name, key in self._routes().items()
        ]
        for route in routes:
            acknowledge(route, {"APIG4": _NO_AUTHORIZER})
        stage = self._stage()
        # The settings of a stage may name only routes that exist.
        stage.node.add_dependency(*routes)
        self._map_domain(stage)

    @property
    def api_id(self) -> str:
        return self._api.api_id

    @property
    def path(self) -> str:
        return ""

    def metric(self, measured: Measured, statistic: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name=_METRICS[measured],
            dimensions_map={"ApiId": self.api_id, "Stage": self.stage},
            statistic=statistic,
        )

    def _routes(self) -> dict[str, apigatewayv2.HttpRouteKey]:
        method = apigatewayv2.HttpMethod
        routes = {
            "Route": apigatewayv2.HttpRouteKey.with_("/", method.POST),
            # An HTTP API cannot shape its own 404, so the function refuses other routes too.
            "OtherRoutes": apigatewayv2.HttpRouteKey.DEFAULT,
        }
        if self.config.cors_origins:
            # The API answers preflights itself. AWS says that `$default` catches OPTIONS as well,
            # and its throttle is not for preflights, so they have a route in any case:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
            routes["Preflights"] = apigatewayv2.HttpRouteKey.with_("/", method.OPTIONS)
        return routes

    def _stage(self) -> apigatewayv2.CfnStage:
        """CDK's own construct of a stage has no settings for single routes."""
        return apigatewayv2.CfnStage(
            self.scope,
            "Stage",
            api_id=self.api_id,
            stage_name=self.stage,
            auto_deploy=True,
            access_log_settings=apigatewayv2.CfnStage.AccessLogSettingsProperty(
                destination_arn=self.access_log.log_group_arn, format=json.dumps(_ACCESS_LOG)
            ),
            default_route_settings=apigatewayv2.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=OTHER_ROUTES_RATE, throttling_burst_limit=OTHER_ROUTES_BURST
            ),
            # CloudFormation takes the members of this map as the service names them.
            route_settings={
                key.key: {
                    "ThrottlingRateLimit": self.config.throttle_rate,
                    "ThrottlingBurstLimit": self.config.throttle_burst,
                }
                for key in self._routes().values()
                if key.key != _OTHER_ROUTES
            },
        )

    def _map_domain(self, stage: apigatewayv2.CfnStage) -> None:
        if self.config.domain_name == "none":
            return
        domain = apigatewayv2.DomainName(
            self.scope,
            "Domain",
            domain_name=self.config.domain_name,
            certificate=self.certificate(),
            security_policy=apigatewayv2.SecurityPolicy.TLS_1_2,
        )
        mapping = apigatewayv2.CfnApiMapping(
            self.scope,
            "Mapping",
            api_id=self.api_id,
            domain_name=domain.name,
            stage=self.stage,
        )
        mapping.node.add_dependency(stage)
        self.domain_target = domain.regional_domain_name


def _cors(config: DeploymentConfig) -> apigatewayv2.CorsPreflightOptions | None:
    if not config.cors_origins:
        return None
    return apigatewayv2.CorsPreflightOptions(
        allow_origins=list(config.cors_origins),
        allow_methods=[apigatewayv2.CorsHttpMethod[each] for each in cors.ALLOWED_METHODS],
        allow_headers=list(cors.ALLOWED_HEADERS),
        expose_headers=list(cors.EXPOSED_HEADERS),
        max_age=Duration.seconds(cors.MAX_AGE_SECONDS),
    )


_METRICS: dict[Measured, str] = {
    "count": "Count",
    "latency": "Latency",
    "client_errors": "4xx",
    "server_errors": "5xx",
}

_NO_AUTHORIZER = (
    "The function checks every request's signature, made with an access key that Semblance issued, "
    "before it reads anything else. The gateway cannot: it accepts signatures for execute-api, and "
    "unmodified clients sign for rekognition."
)

# An HTTP API does not know the caller: the audit trail does.
_ACCESS_LOG = ACCESS_LOG | {
    "route": "$context.routeKey",
    "integrationError": "$context.integrationErrorMessage",
}
