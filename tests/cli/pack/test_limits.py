"""What a function can bear, in the numbers of a default deployment."""

from dataclasses import replace

import numpy as np
import pytest

from functions.runtime import memory
from infra import config
from semblance.embedding.codec import Codec
from semblance_cli.pack import candidate, limits
from semblance_cli.pack.candidate import Input
from semblance_cli.pack.limits import Weight
from semblance_cli.pack.making import Space
from tests.cli.pack import networks
from tests.cli.pack.made import crowd

LIGHT = Weight(file_bytes=39 << 20, memory_bytes=137 << 20, load_seconds=0.3, face_seconds=0.015)


def space(size: int) -> Space:
    codec = Codec(model_id="own-1", size=size, largest=0.5, margin=0.01)
    return Space(Input("RGB", 127.5, 127.5), np.eye(size, dtype=np.float32), codec)


def test_the_limits_are_those_of_a_default_deployment(monkeypatch):
    defaults = config.DeploymentConfig()
    assert defaults.api_memory_mib == defaults.worker_memory_mib == limits.MEMORY_MIB
    assert defaults.api_timeout_seconds == limits.TIMEOUT_SECONDS
    assert config.SECONDS_A_PHOTO == limits.PHOTO_SECONDS
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(limits.MEMORY_MIB))
    kept_free = limits.MEMORY_MIB - (memory.for_collections() >> 20)
    assert kept_free == limits.KEPT_FREE_MIB


def test_a_function_keeps_the_memory_of_a_heavy_network_free(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(limits.MEMORY_MIB))
    heavy = replace(LIGHT, memory_bytes=620 << 20)
    kept_free = limits.MEMORY_MIB - (memory.for_collections(limits.more_mib(heavy)) >> 20)
    assert kept_free == limits.memory_mib(heavy) == limits.KEPT_FREE_MIB + 483
    assert limits.more_mib(LIGHT) == 0


def test_a_light_network_gets_no_warning():
    assert limits.refusals(LIGHT) == []
    assert limits.warnings(LIGHT, space(160)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"face_seconds": 0.135},
            "takes 135 ms of one core, so 74 faces of a photo fit into the 1",
        ),
        (
            {"memory_bytes": 1500 << 20},
            "The network takes 1,500 MiB, so that a function needs more than",
        ),
        ({"load_seconds": 3.0}, "Loading takes 3.0 s"),
    ],
)
def test_a_heavy_network_is_warned_of_with_its_numbers(change, said):
    (warning,) = limits.warnings(replace(LIGHT, **change), space(160))
    assert said in warning


@pytest.mark.slow
@pytest.mark.parametrize(
    ("blocks", "width", "mib"), [((1, 1, 1, 1), 16, 13), ((3, 4, 14, 3), 64, 166)]
)
def test_a_network_is_weighed_with_its_own_time_and_memory(tmp_path, blocks, width, mib):
    """Random weights; the second has the size of R50."""
    before = limits.peak_bytes()
    found = candidate.examine(networks.residual(tmp_path / "embedder.onnx", blocks, width))
    _, faces = crowd(13, 1)
    weight = limits.weigh(found, faces, limits.peak_bytes() - before)
    assert found.numbers == 512
    assert weight.file_bytes >> 20 == mib
    assert 0 < weight.face_seconds < 5
    assert 0 < weight.load_seconds < 60
    assert limits.refusals(weight) == []


def test_a_large_embedding_costs_a_second_write_unit():
    (warning,) = limits.warnings(LIGHT, space(512))
    assert warning.startswith("512 numbers make a stored face larger than 1 KB")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"face_seconds": 3.0}, "a face takes 3.0 s, so that ten of one photo do not end"),
        ({"memory_bytes": 10 << 30}, "needs 10,240 MiB of memory"),
        ({"file_bytes": 10 << 30}, "10.0 GiB do not fit into the image of a function"),
    ],
)
def test_a_network_that_no_function_can_bear_is_refused(change, said):
    (reason,) = limits.refusals(replace(LIGHT, **change))
    assert said in reason
