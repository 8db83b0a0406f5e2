"""How a network wants its pixels: found by the photos, and said when they cannot tell."""

import numpy as np
import pytest

from semblance_cli.pack import inputs
from semblance_cli.pack.candidate import Input
from tests.cli.pack.made import crowd

pytestmark = pytest.mark.slow

USUAL = inputs.candidates(None, None, None)


def outputs_of(best: Input, harm: float, *, alike: tuple[Input, ...] = ()):
    """A network that takes `best`: other inputs spread a person's photos by `harm` more."""
    units, faces = crowd(150, 3)
    place = {face.digest: row for row, face in enumerate(faces)}

    def outputs(given, some):
        chance = np.random.default_rng(USUAL.index(given))
        rows = units[[place[face.digest] for face in some]]
        wrong = 0.001 if given in (best, *alike) else harm
        rows = rows + wrong * chance.standard_normal(rows.shape).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return faces, outputs


@pytest.mark.parametrize("best", USUAL[::4], ids=str)
def test_the_input_that_separates_people_best_is_found(best):
    faces, outputs = outputs_of(best, 0.08)
    choice = inputs.choose(USUAL, faces, outputs)
    assert choice.input == best == choice.trials[0].input
    assert choice.trials[0].behind == 0
    assert not any(trial.as_good for trial in choice.trials[1:])
    assert choice.trials[1].behind > 0.5


def test_of_equal_inputs_the_usual_one_is_taken_and_both_are_named():
    usual, other = Input("BGR", 127.5, 127.5), Input("BGR", 127.5, 128.0)
    faces, outputs = outputs_of(other, 0.08, alike=(usual,))
    choice = inputs.choose(USUAL, faces, outputs)
    assert choice.input == usual
    assert {trial.input for trial in choice.trials if trial.as_good} == {usual, other}


def test_parts_that_the_owner_gives_are_not_tried():
    assert {each.channels for each in inputs.candidates("BGR", None, None)} == {"BGR"}
    assert inputs.candidates("RGB", 10.0, 20.0) == [Input("RGB", 10.0, 20.0)]
    choice = inputs.choose([Input("RGB", 10.0, 20.0)], [], lambda *_: pytest.fail("it ran"))
    assert (choice.input, choice.trials) == (Input("RGB", 10.0, 20.0), ())


def test_the_runs_of_the_network_are_known_beforehand():
    faces, outputs = outputs_of(USUAL[0], 0.08)
    ran = []
    inputs.choose(USUAL, faces, lambda given, some: ran.append(len(some)) or outputs(given, some))
    assert sum(ran) == inputs.runs(USUAL, faces)
