"""Exceptions from cdk-nag's rules, each with its reason, beside the construct that needs it."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    for rule, reason in reasons.items():
        Validations.of(construct).acknowledge(
            Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason)
        )
