"""Every page that is generated, or has generated parts, and the function that writes its text.

A test fails when the file differs from the text: `make docs` writes all of them.
"""

from collections.abc import Callable
from pathlib import Path

from bench import report
from tools.docs import audit, cli, configuration, models, operations

ROOT = Path(__file__).resolve().parents[2]


def path_of(name: str) -> Path:
    return ROOT / name


def with_figures(name: str) -> str:
    """The page as it is, with the figures of the last `make bench`."""
    return report.filled(path_of(name).read_text(encoding="utf-8"))


PAGES: dict[str, Callable[[], str]] = {
    "README.md": lambda: with_figures("README.md"),
    "docs/audit.md": audit.page,
    "docs/cli.md": cli.page,
    "docs/configuration.md": configuration.page,
    "docs/models.md": models.page,
    "docs/operations.md": operations.page,
    "docs/performance.md": lambda: with_figures("docs/performance.md"),
}
