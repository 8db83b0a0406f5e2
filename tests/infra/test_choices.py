"""Where choices come from, and how they differ from those of a deployed stack."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra import differences
from infra.choices import Choices
from infra.config import ConfigError, DeploymentConfig
from tests.infra.conftest import ADOPTING, EVERY_CHOICE
from tools.configuration import main, written


def toml(values: dict[str, Any]) -> str:
    """JSON's texts, numbers and lists are TOML's too."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def made(checkout: Path, text: str | None = None, **given: Any) -> Choices:
    if text is not None:
        (checkout / "semblance.toml").write_text(text, encoding="utf-8")
    return Choices.made(given, checkout)


def record(choices: Choices) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(choices.record())
    return kept


def changes(before: Choices, now: Choices) -> list[str]:
    return list(differences.lines(record(before), now))


# Precedence


def test_without_a_file_all_choices_have_their_defaults(tmp_path: Path) -> None:
    choices = made(tmp_path)
    assert choices.config == DeploymentConfig()
    assert record(choices) == {}


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    choices = made(tmp_path, 'auth = "keys"\nthrottle_rate = 5\n', auth="iam", throttle_burst="9")
    assert choices.config == DeploymentConfig(auth="iam", throttle_rate=5, throttle_burst=9)
    assert choices.sources == {"throttle_rate": "semblance.toml", "throttle_burst": "-c"}


def test_every_choice_of_a_hand_written_file_is_there_again_without_the_command_line(
    tmp_path: Path,
) -> None:
    once = Choices.made(EVERY_CHOICE, tmp_path)
    typed: dict[str, Any] = {}
    for each in fields(DeploymentConfig):
        value = getattr(once.config, each.name)
        typed[each.name] = list(value) if isinstance(value, tuple) else value
    again = made(tmp_path, toml(typed))
    assert again.config == once.config
    assert changes(once, again) == []


def test_the_file_may_be_another_one_or_none(tmp_path: Path) -> None:
    (tmp_path / "doors.toml").write_text("throttle_rate = 7\n")
    elsewhere = tmp_path / "checkout"
    elsewhere.mkdir()
    for path in ("../doors.toml", str(tmp_path / "doors.toml")):
        choices = made(elsewhere, "throttle_rate = 8\n", config=path)
        assert choices.config.throttle_rate == 7
        assert choices.sources == {"throttle_rate": "doors.toml"}
    assert made(elsewhere, config="none").config == DeploymentConfig()


def test_the_context_of_cdk_json_lasts_as_a_file_does(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {"throttle_rate": 7}}')
    assert made(tmp_path, throttle_rate=7).sources == {"throttle_rate": "cdk.json"}
    assert made(tmp_path, throttle_rate="8").sources == {"throttle_rate": "-c"}


# Refusals


def test_a_file_that_is_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config=doors\.toml is refused: there is no such file"):
        made(tmp_path, config="doors.toml")


def test_an_unknown_key_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^outh in semblance\.toml is not known") as refused:
        made(tmp_path, 'outh = "keys"\n')
    assert "throttle_rate" in str(refused.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('auth = "key"', "auth=key in semblance.toml is refused: it has to be one of iam"),
        ("throttle_rate = 1.5", "throttle_rate=1.5 in semblance.toml is refused: it has to be a"),
        ("throttle_rate = true", "throttle_rate=True in semblance.toml is refused"),
        ("throttle_rate = 0", "throttle_rate=0 in semblance.toml is refused"),
        ('stack_name = ["One"]', "stack_name=One in semblance.toml is refused"),
        ('tags = { team = "x" }', "tags={'team': 'x'} in semblance.toml is refused"),
        ("auth = keys", "semblance.toml cannot be read: Invalid value (at line 1, column 8)"),
        ("[auth]", "auth={} in semblance.toml is refused"),
    ],
)
def test_a_bad_line_is_named_with_its_file(line: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        made(tmp_path, line + "\n")
    assert str(refused.value).startswith(told)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "semblance.toml").write_bytes("# f\u00fcr uns\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"^semblance\.toml cannot be read: "):
        made(tmp_path)


def test_choices_that_do_not_go_together_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\(semblance\.toml sets worker_batch_size\)$"):
        made(tmp_path, "worker_batch_size = 10\n", worker_timeout_seconds="60")


# The written file


def test_the_written_file_loads_to_the_defaults(tmp_path: Path) -> None:
    assert made(tmp_path, written()).config == DeploymentConfig()


def test_every_line_of_the_written_file_is_a_choice_with_its_default(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in written().splitlines() if " = " in line]
    values = tomllib.loads("\n".join(lines))
    assert list(values) == [each.name for each in fields(DeploymentConfig)]
    assert made(tmp_path, "\n".join(lines)).config == DeploymentConfig()


def test_a_file_that_is_there_is_never_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "semblance.toml"
    assert main(path) == 0
    assert capsys.readouterr().out.startswith("semblance.toml has every choice")
    path.write_text('auth = "keys"\n')
    assert main(path) == 0
    assert capsys.readouterr().err == "semblance.toml exists and is left as it is.\n"
    assert path.read_text() == 'auth = "keys"\n'


# Differences


def test_each_change_is_a_line(tmp_path: Path) -> None:
    before = made(tmp_path, 'auth = "keys"\ntags = ["team=a"]\n')
    now = made(tmp_path, "throttle_rate = 7\n")
    assert changes(before, now) == [
        "tags: team=a -> none",
        "auth: keys -> iam",
        "throttle_rate: 50 -> 7",
    ]


def test_a_choice_that_only_the_command_line_made_is_missed(tmp_path: Path) -> None:
    before = made(tmp_path, auth="keys", throttle_rate="7")
    (line, other) = changes(before, made(tmp_path, throttle_rate="8"))
    assert line == (
        "auth: keys -> iam  (was given with -c and returns to its default: "
        "write it into semblance.toml)"
    )
    assert other == "throttle_rate: 7 -> 8"


def test_to_forget_an_adopted_table_is_told_with_its_effect(tmp_path: Path) -> None:
    """The stack would serve an empty one, and callers would find nobody."""
    before = made(tmp_path, **ADOPTING)
    told = changes(before, made(tmp_path))
    assert len(told) == len(ADOPTING)
    for line in told:
        assert line.endswith("  (an empty one takes its place: docs/restoring.md)")
    one_more = made(tmp_path, **ADOPTING | {"table_name": "Semblance-of-Monday"})
    (moved,) = changes(before, one_more)
    assert moved == "table_name: Semblance-Table-of-Tuesday -> Semblance-of-Monday"


def test_a_file_that_is_not_read_any_more_is_missed(tmp_path: Path) -> None:
    (tmp_path / "doors.toml").write_text("throttle_rate = 7\n")
    before = made(tmp_path, config="doors.toml")
    assert changes(before, made(tmp_path)) == [
        "throttle_rate: 7 -> 50  "
        "(was in doors.toml, which this deployment does not read: -c config=doors.toml)"
    ]
    (tmp_path / "doors.toml").write_text("")
    assert changes(before, made(tmp_path, config="doors.toml")) == ["throttle_rate: 7 -> 50"]


def test_nothing_is_asked_without_an_account(tmp_path: Path) -> None:
    assert differences.text(made(tmp_path), {"CDK_DEFAULT_REGION": "eu-west-1"}) == ""
