"""Enough of `docker build` to follow functions/Dockerfile without Docker.

Every stage is a directory. COPY copies between directories. RUN runs on this machine, with the
image's absolute paths replaced by paths in the stage. A local Python of the version in the tag
stands in for the base image.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

IMAGE_PATHS = re.compile(r"(?<![\w./])/(?=opt/|var/task\b|build\b)")


class Instruction(NamedTuple):
    keyword: str
    words: str


def parse(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, words = line.partition(" ")
        yield Instruction(keyword, words.strip())


def python_of(base: str) -> str:
    """`<registry>/python:3.11-slim-bookworm@sha256:...` is Python 3.11."""
    found = re.match(r"[\w./-]+/python:(\d+\.\d+)", base)
    assert found, base
    return found[1]


def interpreter(version: str) -> str | None:
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return sys.executable
    return shutil.which(f"python{version}")


@dataclass
class Stage:
    root: Path
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        return (
            self.root / os.path.normpath(f"{self.workdir}/{name}" if name[0] != "/" else name)[1:]
        )

    def rewritten(self, command: str) -> str:
        return IMAGE_PATHS.sub(f"{self.root}/", command)


@dataclass
class Build:
    """The last of `stages` is the image itself."""

    context: Path
    into: Path
    python: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    stages: dict[str, Stage] = field(default_factory=dict)
    command: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> Stage:
        subprocess.run([self.python, "-m", "venv", self.into / "python"], check=True)
        stage = Stage(self.into)
        for instruction in parse((self.context / "functions/Dockerfile").read_text()):
            if instruction.keyword == "FROM":
                name = instruction.words.partition(" AS ")[2] or "image"
                stage = self.stages[name] = Stage(self.into / name)
                stage.root.mkdir()
            else:
                getattr(self, f"_{instruction.keyword.lower()}")(stage, instruction.words)
        return stage

    def _arg(self, stage: Stage, words: str) -> None:
        name, _, default = words.partition("=")
        stage.environment[name] = self.arguments.get(name, default)

    def _env(self, stage: Stage, words: str) -> None:
        stage.environment |= dict(word.split("=", 1) for word in shlex.split(words))

    def _workdir(self, stage: Stage, words: str) -> None:
        stage.workdir = words
        stage.path(".").mkdir(parents=True, exist_ok=True)

    def _copy(self, stage: Stage, words: str) -> None:
        *sources, target = words.split()
        origin = Stage(self.context)
        if sources[0].startswith("--from="):
            origin = self.stages[sources.pop(0).removeprefix("--from=")]
        for pattern in sources:
            found = sorted(origin.root.glob(pattern.lstrip("/")))
            assert found, f"COPY {words}: {pattern} is not in the build context"
            for source in found:
                into = stage.path(target) / (source.name if target.endswith("/") else "")
                if source.is_dir():
                    shutil.copytree(source, stage.path(target), symlinks=True, dirs_exist_ok=True)
                else:
                    into.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(source, stage.path(target) if into.is_dir() else into)

    def _run(self, stage: Stage, words: str) -> None:
        inherited = {name: os.environ[name] for name in os.environ if not _is_pythons(name)}
        python = self.into / "python" / "bin"
        path = os.pathsep.join([str(python), os.environ["PATH"]])
        done = subprocess.run(
            ["sh", "-ec", stage.rewritten(words)],
            cwd=stage.path("."),
            env=inherited | {"PATH": path} | stage.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"RUN {words}\n{done.stdout}"

    def _user(self, stage: Stage, words: str) -> None:
        pass

    _label = _user
    _entrypoint = _user
    _cmd = _user


def _is_pythons(name: str) -> bool:
    return name.startswith(("PYTHON", "VIRTUAL_ENV", "AWS_", "SEMBLANCE_"))
