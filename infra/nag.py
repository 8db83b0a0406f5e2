"""Acknowledges exceptions from cdk-nag's rules, with a reason, at the construct that needs them."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """`reasons`: rule of the AwsSolutions pack, such as `S1`, to the reason."""
    for rule, reason in reasons.items():
        Validations.of(construct).acknowledge(
            Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason)
        )
