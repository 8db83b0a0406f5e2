"""The generated pages: `python -m tools.docs` writes them, and a test fails when one is stale."""

import ast
import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from infra.config import DeploymentConfig

DOCS = Path(__file__).resolve().parents[1] / "docs"


def configuration() -> str:
    """docs/configuration.md, from the annotations and docstrings of DeploymentConfig."""
    rows = "\n".join(_configuration_rows())
    return f"""# Configuration

Every choice that an owner can make, as `npx cdk deploy -c key=value` or under `context` in
`cdk.json`. What breaks a rule is refused before anything is deployed, with a message that says
what is allowed. Generated from `infra/config.py` by `make docs`.

| key | default | allowed | |
|---|---|---|---|
{rows}
"""


def _configuration_rows() -> Iterator[str]:
    hints = get_type_hints(DeploymentConfig, include_extras=True)
    about = _field_docstrings(DeploymentConfig)
    for field in fields(DeploymentConfig):
        rule = get_args(hints[field.name])[1]
        default = f"`{field.default}`" if field.default != () else ""
        yield f"| `{field.name}` | {default} | {rule} | {about.get(field.name, '')} |"


def _field_docstrings(owner: type) -> dict[str, str]:
    """The string behind each annotated field, in one line."""
    body = ast.parse(inspect.getsource(owner)).body[0].body  # type: ignore[attr-defined]
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


PAGES: dict[str, Callable[[], str]] = {"configuration.md": configuration}


if __name__ == "__main__":
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")
