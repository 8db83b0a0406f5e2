"""Every generated page, and the function that writes its text.

A test fails when the file differs from the text: `make docs` writes all of them.
"""

from collections.abc import Callable
from pathlib import Path

from tools.docs import audit, checking, cli, configuration, models, operations

ROOT = Path(__file__).resolve().parents[2]


def path_of(name: str) -> Path:
    return ROOT / name


PAGES: dict[str, Callable[[], str]] = {
    "docs/audit.md": audit.page,
    "docs/checking.md": checking.page,
    "docs/cli.md": cli.page,
    "docs/configuration.md": configuration.page,
    "docs/models.md": models.page,
    "docs/operations.md": operations.page,
}
