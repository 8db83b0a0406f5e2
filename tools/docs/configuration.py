"""docs/configuration.md, from the annotations and docstrings of DeploymentConfig."""

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args, get_type_hints

from infra.config import DeploymentConfig
from tools.docs import docstrings


def page() -> str:
    rows = "\n".join(_rows())
    return f"""# Configuration

For you who deploy Semblance: every choice that you can make. Give a choice to the CDK as
`npx cdk deploy -c key=value`, or write it under `context` in `cdk.json`. The values that you leave
out have the defaults below. A value that breaks its rule is refused before anything is deployed,
with a message that says which values are allowed. Give all your choices every time you deploy: a
choice that you leave out returns to its default.

`make docs` generates this page from `infra/config.py`.

| key | default | allowed | effect |
|---|---|---|---|
{rows}

Choices that many owners make:

- **A large collection**: raise `api_memory_mib`, `worker_memory_mib` and `compactor_memory_mib`
  ([operating.md](operating.md#the-compactor) says how much a face takes).
- **Clients that you cannot change**: `auth=keys` ([security.md](security.md)).
- **Web pages that call the API**: `cors_origins` ([security.md](security.md#web-pages)).
- **A name of your own, a VPC or your networks alone**: `domain_name`, `private_vpc_endpoints`,
  `source_ip_ranges` ([security.md](security.md#the-endpoint)).
- **Alarms by mail or pager**: `alarm_topic_arn` ([operating.md](operating.md#alarms)).
- **Stricter erasure**: `backup_days`, `input_retention_days` and `results_retention_days`
  ([erasure.md](erasure.md)).
- **A deployment that you will throw away**: `removal=destroy`.
"""


def _rows() -> Iterator[str]:
    hints = get_type_hints(DeploymentConfig, include_extras=True)
    about = docstrings.of_fields(DeploymentConfig)
    for field in fields(DeploymentConfig):
        rule = get_args(hints[field.name])[1]
        default = f"`{field.default}`" if field.default != () else ""
        yield f"| `{field.name}` | {default} | {rule} | {about.get(field.name, '')} |"
