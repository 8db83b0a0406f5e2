"""Replies that a REST API makes without a function: preflights, and refusals of other methods."""

import json
from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from infra.gateway.refusals import CONTENT_TYPE, UNKNOWN_OPERATION
from infra.nag import acknowledge
from semblance.contract import cors

_HEADER = "method.response.header."


def answer_preflights(resource: apigateway.IResource, origins: Sequence[str]) -> None:
    """A method OPTIONS that names the page's origin if it is one of `origins`."""
    if not origins:
        return
    method = resource.add_cors_preflight(
        allow_origins=list(origins),
        allow_methods=list(cors.ALLOWED_METHODS),
        allow_headers=list(cors.ALLOWED_HEADERS),
        expose_headers=list(cors.EXPOSED_HEADERS),
        max_age=Duration.seconds(cors.MAX_AGE_SECONDS),
    )
    acknowledge(method, {"APIG4": "Browsers send preflights without credentials."})


def refuse_other_methods(resource: apigateway.IResource, origins: Sequence[str]) -> None:
    """Without this the gateway would answer them with "Missing Authentication Token"."""
    status = str(UNKNOWN_OPERATION.status)
    headers = {
        "Content-Type": f"'{CONTENT_TYPE}'",
        "x-amzn-ErrorType": f"'{UNKNOWN_OPERATION.code}'",
        **_shared(origins),
    }
    if origins:
        headers["Access-Control-Allow-Origin"] = f"'{origins[0]}'"
    method = resource.add_method(
        "ANY",
        apigateway.MockIntegration(
            # Other content types get UNSUPPORTED_MEDIA_TYPE, which has the same reply.
            passthrough_behavior=apigateway.PassthroughBehavior.NEVER,
            request_templates={"application/json": json.dumps({"statusCode": int(status)})},
            integration_responses=[
                apigateway.IntegrationResponse(
                    status_code=status,
                    response_parameters={_HEADER + name: value for name, value in headers.items()},
                    response_templates={
                        "application/json": _naming_the_origin(origins) + UNKNOWN_OPERATION.body
                    },
                )
            ],
        ),
        authorization_type=apigateway.AuthorizationType.NONE,
        method_responses=[
            apigateway.MethodResponse(
                status_code=status,
                response_parameters={_HEADER + name: True for name in headers},
            )
        ],
    )
    acknowledge(method, {"APIG4": "The method does nothing that needs authorisation."})


def refusal_headers(origins: Sequence[str]) -> dict[str, str]:
    """The CORS headers of the gateway's own refusals, which can compare no origin with a list.

    Of several origins the refusal names the one that asks, so a page of any origin may read it: it
    says why the gateway refused that page's own request, holds no data and takes no cookie.
    """
    if not origins:
        return {}
    origin = f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
    return {"Access-Control-Allow-Origin": origin, **_shared(origins)}


def _shared(origins: Sequence[str]) -> dict[str, str]:
    if not origins:
        return {}
    exposed = ",".join(cors.EXPOSED_HEADERS)
    return {"Access-Control-Expose-Headers": f"'{exposed}'", "Vary": "'Origin'"}


def _naming_the_origin(origins: Sequence[str]) -> str:
    """A mapping template's lines that replace the first origin by the one that asks, if listed."""
    if len(origins) < 2:
        return ""
    listed = " || ".join(f'$origin == "{each}"' for each in origins[1:])
    return (
        '#set($origin = $input.params().header.get("Origin"))'
        '#if($origin == "")#set($origin = $input.params().header.get("origin"))#end'
        f"#if({listed})"
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end"
    )
