"""Templates as the CDK CLI gets them: this app's stack under the context of cdk.json.

Importing the CDK starts a Node process, so tests import it only when they need it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aws_cdk as cdk

# jsii reads this when aws_cdk is imported. Node 20 works, but fills a screen with its end of life.
os.environ.setdefault("JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION", "1")
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

ROOT = Path(__file__).parents[2]
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]

Template = dict[str, Any]
Resource = dict[str, Any]


def make_app(outdir: Path, **choices: Any) -> cdk.App:
    import aws_cdk as cdk

    from infra.config import DeploymentConfig
    from infra.stack import SemblanceStack

    app = cdk.App(analytics_reporting=False, context=CONTEXT, outdir=str(outdir))
    config = DeploymentConfig.from_context(choices)
    SemblanceStack(app, config.stack_name, config=config)
    return app


def synthesise(outdir: Path, **choices: Any) -> cdk.cx_api.CloudAssembly:
    return make_app(outdir, **choices).synth()


def template_of(assembly: cdk.cx_api.CloudAssembly) -> Template:
    """The template as it is in the file."""
    (stack,) = assembly.stacks
    template: Template = json.loads(Path(stack.template_full_path).read_text())
    return template


def resources(template: Template, type_: str) -> list[Resource]:
    found = [each for each in template["Resources"].values() if each["Type"] == type_]
    assert found, f"no {type_}"
    return found
