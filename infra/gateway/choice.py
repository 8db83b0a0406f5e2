"""Chooses the kind of gateway for a deployment."""

from constructs import Construct

from infra.config import DeploymentConfig
from infra.gateway.gateway import Gateway
from infra.gateway.http import HttpGateway
from infra.gateway.rest import RestGateway


def gateway(scope: Construct, id_: str, *, config: DeploymentConfig) -> Gateway:
    """An HTTP API where the function checks signatures, else a REST API, which checks them."""
    kind = HttpGateway if config.auth == "keys" else RestGateway
    return kind(scope, id_, config=config)
