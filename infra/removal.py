"""The removal policy of everything that holds data."""

from aws_cdk import RemovalPolicy

from infra.config import DeploymentConfig


def removal_policy(config: DeploymentConfig) -> RemovalPolicy:
    """`retain` is CloudFormation's RetainExceptOnCreate: what a failed first deployment has created
    holds nothing yet and goes with it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
    """
    if config.removal == "destroy":
        return RemovalPolicy.DESTROY
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
