"""The CDK app: one stack, configured by semblance.toml and `-c key=value`."""

import os
import sys
from pathlib import Path

import aws_cdk as cdk

from infra import differences
from infra.choices import Choices
from infra.config import ConfigError
from infra.stack import SemblanceStack

app = cdk.App(analytics_reporting=False)
try:
    choices = Choices.made(app.node.get_all_context(), Path(__file__).parent)
except ConfigError as error:
    sys.exit(str(error))
sys.stderr.write(differences.text(choices, os.environ))
SemblanceStack(app, choices.config.stack_name, config=choices.config, record=choices.record())
app.synth()
