"""Gateway: the part of an endpoint that the rest of the stack uses, whichever its kind."""

from abc import ABC, abstractmethod
from typing import Literal

from aws_cdk import Aws
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import DeploymentConfig
from infra.logs import log_group

TIMEOUT_SECONDS = 29
"""A REST API waits no longer by default, an HTTP API for 30 seconds at most."""

# Requests that no client makes: to other paths, or with another method than POST. AWS bills them
# like calls, unsigned as they are, up to this rate; throttled requests are not billed.
OTHER_ROUTES_RATE = 1
OTHER_ROUTES_BURST = 5

DESCRIPTION = "Face collections: Amazon Rekognition's JSON 1.1 protocol"

# Time and outcome. Bodies hold pictures, so no log has them.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
ACCESS_LOG = {
    "requestId": "$context.requestId",
    # A caller may choose the id above, but not this one.
    "lambdaRequestId": "$context.integration.requestId",
    "requestTime": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "refusal": "$context.error.responseType",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
}
"""The variables that both kinds have."""

Measured = Literal["count", "latency", "client_errors", "server_errors"]


class Gateway(ABC):
    """No construct itself, since jsii's metaclass excludes that of ABC."""

    kind: Literal["REST", "HTTP"]
    stage: str
    """The name of the only stage."""

    def __init__(self, scope: Construct, id_: str, *, config: DeploymentConfig) -> None:
        self.scope = Construct(scope, id_)
        self.config = config
        self.access_log: logs.LogGroup = log_group(self.scope, "AccessLog", config=config)
        self.domain_target: str | None = None
        """The name that a DNS record of the custom domain must point to, if there is one."""

    @abstractmethod
    def answer_with(self, function: lambda_.IFunction) -> None:
        """Not in __init__: the function's settings may name the API, which must exist before."""

    @property
    @abstractmethod
    def api_id(self) -> str: ...

    @property
    @abstractmethod
    def path(self) -> str:
        """The path of the default endpoint, which clients sign, without a slash at its end."""

    @abstractmethod
    def metric(self, measured: Measured, statistic: str) -> cloudwatch.Metric:
        """Of all calls. Errors are 1 for a call that
        failed and 0 for others, so that their average is a share."""

    @property
    def url(self) -> str:
        """Without a slash at its end: SDKs append the path of the request, which is `/`."""
        if self.config.domain_name != "none":
            return f"https://{self.config.domain_name}"
        host = f"{self.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
        return f"https://{host}{self.path}"

    def certificate(self) -> acm.ICertificate:
        """For `domain_name`."""
        return acm.Certificate.from_certificate_arn(
            self.scope, "Certificate", self.config.certificate_arn
        )

    @property
    def local_path(self) -> str:
        """The path in the local cloud, where an API has no host of its own."""
        return f"/restapis/{self.api_id}/{self.stage}/_user_request_"
