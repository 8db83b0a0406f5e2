"""The file that an owner brings: which networks fit, and how the others are refused."""

from pathlib import Path

import numpy as np
import pytest

from semblance_cli.pack.candidate import Input, examine
from semblance_cli.problems import CommandError
from tests.cli.pack import networks

pytestmark = pytest.mark.slow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "embedder.onnx"


@pytest.mark.parametrize("face", [(1, 3, 112, 112), ("n", 3, 112, 112), ("n", 3, "h", "w")])
def test_a_network_of_one_face_or_of_any_number_fits(file, face):
    found = examine(networks.tiny(file, face=face, numbers=96))
    assert found.numbers == 96
    assert found.size_bytes == file.stat().st_size


def test_weights_that_are_listed_as_inputs_are_no_inputs(file):
    assert examine(networks.weights_as_inputs(file)).numbers == 64


def test_a_network_sees_the_channels_and_the_scale_that_it_is_given(file):
    found = examine(networks.tiny(file))
    crop = np.zeros((112, 112, 3), np.uint8)
    crop[..., 0] = 255
    red = found.network(Input("RGB", 0.0, 255.0)).run(crop)[0]
    blue = found.network(Input("BGR", 0.0, 255.0)).run(crop[..., ::-1])[0]
    assert np.allclose(red, blue)
    assert np.allclose(2 * red, found.network(Input("RGB", 0.0, 127.5)).run(crop)[0], atol=1e-5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (networks.channels_last, "1x112x112x3, with the channels last (NHWC): export it with"),
        (networks.two_inputs, "has 2 inputs: an embedder takes one, the face"),
        (lambda file: networks.tiny(file, face=(4, 3, 112, 112)), "takes 4 faces at once"),
        (lambda file: networks.tiny(file, face=("n", 3, 224, 224)), "takes nx3x224x224: an embed"),
        (lambda file: networks.tiny(file, face=("n", 1, 112, 112)), "takes nx1x112x112: an embed"),
        (lambda file: networks.tiny(file, output=(1, 8, 8)), "gives 1x8x8 for one face"),
        (lambda file: networks.tiny(file, numbers=8), "gives 8 numbers a face"),
        (lambda file: file.write_bytes(b"no network") and file, "is no network that runs here"),
        (lambda file: file, "cannot be read"),
    ],
)
def test_another_network_is_refused_with_the_reason(file, make, said):
    with pytest.raises(CommandError) as refusal:
        examine(make(file))
    assert said in str(refusal.value)
