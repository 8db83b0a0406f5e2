"""The CDK app: one stack, configured by `-c key=value`."""

import sys

import aws_cdk as cdk

from infra.config import ConfigError, DeploymentConfig
from infra.stack import SemblanceStack

app = cdk.App(analytics_reporting=False)
try:
    config = DeploymentConfig.from_context(app.node.get_all_context())
except ConfigError as error:
    sys.exit(str(error))
SemblanceStack(app, config.stack_name, config=config)
app.synth()
