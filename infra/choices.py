"""The choices of a deployment and their sources: `-c` over semblance.toml over the defaults.

Choices in the `context` of cdk.json count as given with `-c`, except that they are still there next
time.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from infra.config import ConfigError, DeploymentConfig, parsed, rules, shown

FILE = "semblance.toml"
"""Read from the top of the checkout, unless `-c config=PATH` names another file."""

NO_FILE = "none"
"""`-c config=none` reads no file."""

COMMAND_LINE = "-c"
CDK_JSON = "cdk.json"


@dataclass(frozen=True, slots=True)
class Choices:
    config: DeploymentConfig
    sources: Mapping[str, str] = field(default_factory=dict)
    """`-c` or the name of a file, for each choice that is not left at its default."""
    file: str = ""
    """The name of the file that was read, if one was."""

    @classmethod
    def made(cls, context: Mapping[str, Any], checkout: Path) -> Self:
        """From the CDK app's context and the files at the top of the checkout. Raises ConfigError,
        which names the file and the key."""
        given = dict(context)
        path = _file(given.pop("config", None), checkout)
        in_file = _read(path) if path else {}
        try:
            config = DeploymentConfig.from_context(in_file | given)
        except ConfigError as error:
            named = [key for key in in_file.keys() - given.keys() if f"{key}=" in str(error)]
            if path is None or not named:
                raise
            raise ConfigError(f"{error} ({path.name} sets {', '.join(sorted(named))})") from error
        lasting = _context_of_cdk_json(checkout)
        sources = {}
        for name in _chosen(config):
            if name not in given and path:
                sources[name] = path.name
            else:
                kept = name in lasting and given.get(name) == lasting[name]
                sources[name] = CDK_JSON if kept else COMMAND_LINE
        return cls(config, sources, path.name if path else "")

    def record(self) -> str:
        """JSON of the choices that are not defaults, with their sources. The stack keeps it, so
        that the next deployment can name its changes (infra/differences.py)."""
        kept = {
            name: {"value": shown(getattr(self.config, name)), "from": source}
            for name, source in self.sources.items()
        }
        return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def _chosen(config: DeploymentConfig) -> list[str]:
    names, default = [each.name for each in fields(DeploymentConfig)], DeploymentConfig()
    return [name for name in names if getattr(config, name) != getattr(default, name)]


def _file(asked: str | None, checkout: Path) -> Path | None:
    """The file to read. Raises ConfigError if one is asked for that is not there."""
    if asked == NO_FILE:
        return None
    path = checkout / (asked or FILE)
    if asked and not path.is_file():
        raise ConfigError(f"config={asked} is refused: there is no such file")
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    """The file's choices, each checked by its rule. Raises ConfigError."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"{path.name} cannot be read: {exc}") from exc
    known = rules()
    for key, value in values.items():
        if key not in known:
            raise ConfigError(
                f"{key} in {path.name} is not known: the file takes {', '.join(known)}"
            )
        try:
            refused = not known[key].allows(parsed(key, value))
        except ConfigError:
            refused = True
        if refused:
            raise ConfigError(
                f"{key}={shown(value)} in {path.name} is refused: it has to be {known[key]}"
            )
    return values


def _context_of_cdk_json(checkout: Path) -> dict[str, Any]:
    path = checkout / CDK_JSON
    if not path.is_file():
        return {}
    context: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("context", {})
    return context
