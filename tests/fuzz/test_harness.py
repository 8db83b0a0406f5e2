"""The end of a process under test is reported with the case that caused it."""

import os
import re
import signal
import subprocess
import sys

import pytest

from semblance.vision.picture.decode import open_photo
from tests.fuzz import corpus, run
from tests.fuzz.cases import Case
from tests.fuzz.child import Verdict
from tests.fuzz.outcomes import Limits
from tests.fuzz.subject import Subject
from tools.checkout import CHECKOUT

LIMITS = Limits(memory_mib=600)


def spin():
    while True:
        pass


def stumble():
    raise LookupError("lost")


def fill():
    return Verdict(str(len(b"x" * 700 * 2**20)))


DEEDS = {
    "answers": lambda: Verdict("200"),
    "takes long": lambda: Verdict("200", seconds=10.5),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "crashes": os.abort,
    "leaves": lambda: os._exit(7),
    "never answers": spin,
    "raises": stumble,
    "takes memory": fill,
}


def misbehaving():
    return lambda case: DEEDS[case.given["it"]]()


def case(deed, number=0):
    return Case("misbehaving", number, "deed", deed, {"it": deed})


@pytest.fixture(scope="module")
def subject():
    with Subject(misbehaving, LIMITS) as subject:
        yield subject


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deed", "code", "problem", "story"),
    [
        ("answers", "200", None, ""),
        ("takes long", "200", "took 10.5 s", ""),
        ("takes memory", str(700 * 2**20), r"took [78]\d\d MiB", ""),
        ("raises", "raised", "LookupError: lost", ""),
        ("is killed", "SIGKILL", "the process died: SIGKILL", ""),
        ("crashes", "SIGABRT", "the process died: SIGABRT", "Fatal Python error: Aborted"),
        ("leaves", "exit 7", "the process died: exit 7", ""),
    ],
)
def test_the_outcome_of_a_case_is_reported(subject, deed, code, problem, story):
    outcome = subject.try_one(case(deed))
    assert outcome.code == code
    assert story in outcome.story
    if problem:
        assert re.search(problem, outcome.problem)
    else:
        assert outcome.problem is None


@pytest.mark.alone  # it has half a second
@pytest.mark.slow
def test_a_process_that_does_not_answer_is_killed_and_its_stack_kept():
    with Subject(misbehaving, Limits(patience_seconds=0.5)) as subject:
        outcome = subject.try_one(case("never answers"))
        assert (outcome.code, outcome.problem) == ("no answer", "no answer in 0.5 s")
        assert "in spin" in outcome.story
        assert subject.try_one(case("answers")).problem is None


@pytest.mark.slow
def test_after_a_crash_another_process_takes_the_next_case(subject):
    before = subject.starts
    assert subject.try_one(case("is killed")).problem
    assert subject.try_one(case("answers")).problem is None
    assert subject.try_one(case("answers")).problem is None
    assert subject.starts <= before + 2


@pytest.mark.slow
def test_a_finding_is_kept_and_can_be_tried_again(tmp_path, capsys):
    deeds = ["answers", "raises", "answers", "is killed", "answers"]
    part = run.Part("misbehaving", lambda seed, count: map(case, deeds, range(count)), misbehaving)
    report = run.run(part, run.Plan(seed=5, count=5, folder=tmp_path))
    assert report.total == 5
    assert report.counts["deed", "200"] == 3
    files = [tmp_path / f"misbehaving-5-{number}.json" for number in (1, 3)]
    assert [finding.file for finding in report.findings] == files
    (again,) = run.again(files[1], {"misbehaving": part}).findings
    assert again.outcome.code == "SIGKILL"
    assert "raises" in capsys.readouterr().out


def test_a_case_survives_its_file(tmp_path):
    kept = Case("pictures", 3, "kind", "ä \ud800", {"body": "\ud800\x00"}, {"ä": b"\xff\x00"})
    kept.write(tmp_path / "case.json")
    assert Case.read(tmp_path / "case.json") == kept


DIGEST = """
import hashlib
from tests.fuzz.run import PARTS
parts = [PARTS[name] for name in ("requests", "pictures", "photos")]
made = repr([list(part.cases(7, 60)) for part in parts])
print(hashlib.sha256(made.encode("utf-8", "surrogatepass")).hexdigest())
"""


@pytest.mark.slow
def test_a_seed_makes_the_same_cases_in_every_process():
    def digest(hash_seed):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", DIGEST]
        return subprocess.check_output(command, cwd=CHECKOUT, env=environment)

    assert digest("1") == digest("2")


@pytest.mark.slow
@pytest.mark.parametrize("name", corpus.JPEGS)
def test_a_jpeg_of_the_corpus_is_sound(name):
    assert open_photo(corpus.jpeg(name)).size


@pytest.mark.slow
@pytest.mark.parametrize("name", corpus.PNGS)
def test_a_png_of_the_corpus_is_sound(name):
    assert open_photo(corpus.png(name)).size
