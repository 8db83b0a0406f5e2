import re
import tomllib

from tests.container.dockerfile import Instruction, parse
from tests.infra.synthesis import ROOT

INSTRUCTIONS = list(parse((ROOT / "functions/Dockerfile").read_text()))


def words(keyword: str) -> list[str]:
    return [each.words for each in INSTRUCTIONS if each.keyword == keyword]


def test_every_base_image_is_pinned_by_digest() -> None:
    stages = {each.partition(" AS ")[2] for each in words("FROM")}
    foreign = [each for each in words("FROM") if each.split()[0] not in stages]
    assert foreign
    for each in foreign:
        assert re.match(
            r"public\.ecr\.aws/docker/library/python:3\.\d+-slim-\w+@sha256:[0-9a-f]{64} AS \w+$",
            each,
        )


def test_nothing_is_installed_without_its_hash() -> None:
    installs = [
        install
        for command in words("RUN")
        for install in re.findall(r"pip [^&]*\binstall [^&]*", command)
    ]
    assert len(installs) == 3
    for install in installs:
        assert "--require-hashes" in install or "--no-index" in install
        assert "--no-deps" in install


def test_only_packages_come_from_the_network() -> None:
    assert words("ADD") == []
    assert not [each for each in words("RUN") if re.search(r"\b(apt|apt-get|curl|wget)\b", each)]


def test_it_does_not_run_as_root() -> None:
    assert words("USER") == ["65534:65534"]
    assert INSTRUCTIONS.index(Instruction("USER", "65534:65534")) > max(
        index for index, each in enumerate(INSTRUCTIONS) if each.keyword in ("RUN", "COPY")
    )


def test_it_starts_the_runtime_interface_client() -> None:
    assert words("ENTRYPOINT") == ['["/opt/venv/bin/python", "-m", "awslambdaric"]']
    assert words("CMD") == ['["functions.api.handler"]']


def test_the_build_lock_names_the_projects_build_requirements() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = (ROOT / "requirements/build.txt").read_text()
    locked = set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))
    assert locked == {re.split(r"[<>=]", each)[0] for each in project["build-system"]["requires"]}
