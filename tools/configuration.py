"""`make configuration`: writes semblance.toml, where an owner's choices last.

The file has every choice of infra/config.py as a comment, with its default, its rule and its
effect.
"""

import json
import sys
import textwrap
from dataclasses import fields
from pathlib import Path

from infra.choices import FILE
from infra.config import DeploymentConfig, rules
from tools.checkout import CHECKOUT
from tools.docs import docstrings

WIDTH = 96

HEAD = """\
The choices of your deployment. `cdk deploy` reads this file; `-c key=value` wins over it.
A line that begins with # is a comment and shows the default: remove the # to choose.
"""


def written() -> str:
    about, known = docstrings.of_fields(DeploymentConfig), rules()
    parts = [_comment(line) for line in HEAD.splitlines()]
    for each in fields(DeploymentConfig):
        value = list(each.default) if isinstance(each.default, tuple) else each.default
        parts += [
            "",
            _comment(about[each.name]),
            _comment(f"Allowed: {known[each.name]}."),
            f"# {each.name} = {json.dumps(value)}",
        ]
    return "\n".join(parts) + "\n"


def _comment(text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent="## ", subsequent_indent="## ", break_on_hyphens=False
    )


def main(path: Path = CHECKOUT / FILE) -> int:
    """Never replaces a file: it holds the owner's choices."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(written())
    except FileExistsError:
        sys.stderr.write(f"{path.name} exists and is left as it is.\n")
        return 0
    sys.stdout.write(f"{path.name} has every choice at its default: remove a # to choose.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
