"""The weights that an image build copies: one pack's, each as the manifest pins it."""

import hashlib
from pathlib import Path

import pytest

from infra import packs
from infra.weights import bring
from tools.checkout import MODELS


@pytest.mark.model
@pytest.mark.parametrize("pack", packs.names())
def test_one_packs_files_are_copied_and_no_others(tmp_path: Path, pack: str) -> None:
    bring(pack, MODELS, tmp_path / "into")
    copied = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "into").iterdir()
    }
    assert copied == packs.files(pack)


def test_a_missing_file_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"yunet\.onnx is missing: run `make fetch`"):
        bring("open", tmp_path, tmp_path / "into")


def test_a_file_that_is_not_as_pinned_is_refused(tmp_path: Path) -> None:
    for file in packs.files("open"):
        (tmp_path / file).write_bytes(b"not the model")
    with pytest.raises(SystemExit, match=r"yunet\.onnx is not as the manifest pins it"):
        bring("open", tmp_path, tmp_path / "into")


def test_a_network_that_judges_and_embeds_is_one_file() -> None:
    names = list(packs.files("open-light"))
    assert names.count("fr_feature.onnx") == 1
    assert "sface.onnx" in packs.files("open")
    assert "sface.onnx" not in names
