"""docs/configuration.md, from the annotations and docstrings of DeploymentConfig."""

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args, get_type_hints

from infra.config import DeploymentConfig
from tools.docs import docstrings


def page() -> str:
    rows = "\n".join(_rows())
    return f"""# Configuration

For you who deploy Semblance: every choice that you can make, and the file that keeps yours.

## Where choices are kept

Write them into `semblance.toml` at the top of your checkout, one `key = value` a line:

```toml
auth = "keys"
log_retention_days = 90
image_buckets = ["holiday-photos", "badges.example.com"]
```

`make configuration` writes that file for you, with every choice as a comment that shows its
default, its rule and its effect. It never replaces a file that is there.

- **`-c key=value` wins over the file**, for one deployment: `npx cdk deploy -c throttle_rate=5`.
  Lists are separated by commas there. Choices under `context` in `cdk.json` count as `-c` does.
- **`-c config=PATH` reads another file**, such as one for each of your stacks, and `-c config=none`
  none.
- A choice that you make nowhere has its default. A value that breaks its rule and a key that is not
  known are refused before anything is deployed, with the file, the key and the values that are
  allowed.
- **Git does not ignore `semblance.toml`.** Commit it to your fork, so that your colleagues and your
  CI deploy the same; it holds no secret. No commit of Semblance has a file of that name, so `git
  pull` never touches yours.

## Changes before you deploy

The stack keeps its choices in the output `Choices`: those that are not defaults, and where each
came from. `cdk diff` and `cdk deploy` print the differences before anything is deployed:

```
Choices that differ from the stack Semblance:
  auth: keys -> iam  (was given with -c and returns to its default: write it into semblance.toml)
  log_retention_days: 30 -> 90
```

They read the output with the credentials of the environment, which need
`cloudformation:DescribeStacks`. If that fails, one line says why, and the deployment goes on. A
profile that only `--profile` names is unknown to a CDK app: set `AWS_PROFILE`.

## All choices

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
