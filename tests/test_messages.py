"""Messages and comments name settings that exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from infra.config import DeploymentConfig

ROOT = Path(__file__).parents[1]
SETTING = re.compile(r"\b[a-z_]+_(?:mib|days)\b|(?<=-c )[a-z_]+(?==)")
"""A word that reads as a setting: a size, a number of days, or the key of `-c key=value`."""
NOT_SETTINGS = {
    "all_mib",
    "memory_mib",
    "models_mib",
    "more_mib",
    "most_retention_days",
    "retention_days",
    "retired_days",
}
"""Names of values in the code, which no owner sets."""
CODE = sorted(
    path
    for room in ("layers/semblance", "functions", "cli/semblance_cli")
    for path in (ROOT / room).rglob("*.py")
)


@pytest.mark.infra  # the settings come with the CDK
def test_the_settings_that_messages_name_exist():
    known = {field.name for field in fields(DeploymentConfig)} | NOT_SETTINGS
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in CODE
        for name in SETTING.findall(path.read_text(encoding="utf-8"))
        if name.strip("_") not in known
    }
    assert unknown == set()
