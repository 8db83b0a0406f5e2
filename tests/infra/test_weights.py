"""The weights that an image build copies: one pack's, each as the manifest pins it."""

import hashlib
from pathlib import Path

import pytest

from infra import packs
from infra.weights import bring
from tests.world.own_pack import write_own_pack
from tools.checkout import MODELS


@pytest.mark.model
@pytest.mark.parametrize("pack", packs.names())
def test_one_packs_files_are_copied_and_no_others(tmp_path: Path, pack: str) -> None:
    bring(pack, MODELS, tmp_path / "into", tmp_path / "own")
    copied = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "into").iterdir()
    }
    assert copied == packs.files(pack)
    assert list((tmp_path / "own").iterdir()) == []


def test_a_missing_file_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"yunet\.onnx is missing: run `make fetch`"):
        bring("open", tmp_path, tmp_path / "into", tmp_path / "own")


def test_a_file_that_is_not_as_pinned_is_refused(tmp_path: Path) -> None:
    for file in packs.files("open"):
        (tmp_path / file).write_bytes(b"not the model")
    with pytest.raises(SystemExit, match=r"yunet\.onnx is not as the manifest pins it"):
        bring("open", tmp_path, tmp_path / "into", tmp_path / "own")


def test_a_network_that_judges_and_embeds_is_one_file() -> None:
    names = list(packs.files("open-light"))
    assert names.count("fr_feature.onnx") == 1
    assert "sface.onnx" in packs.files("open")
    assert "sface.onnx" not in names


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_own_pack(tmp_path / "packs" / "mine", b"weights", b"basis")


@pytest.mark.model
def test_an_owners_pack_is_copied_with_the_built_in_files_that_it_uses(tmp_path, own) -> None:
    (own / "notes.txt").write_text("not for the image")
    bring(str(own), MODELS, tmp_path / "into", tmp_path / "own")
    copied = {path.name for path in (tmp_path / "own").iterdir()}
    assert copied == {"manifest.toml", "mine.onnx", "mine.npy"}
    built_in = {path.name for path in (tmp_path / "into").iterdir()}
    assert built_in == packs.files("open-light").keys()


def test_an_owners_file_that_was_changed_is_refused(tmp_path: Path, own: Path) -> None:
    (own / "mine.npy").write_bytes(b"another basis")
    assert packs.own_files(str(own)).keys() == {"mine.onnx", "mine.npy"}
    with pytest.raises(SystemExit, match=r"mine\.npy is not as the manifest pins it"):
        bring(str(own), MODELS, tmp_path / "into", tmp_path / "own")


def test_the_licences_of_an_owners_pack_name_its_own(own: Path) -> None:
    assert packs.licence(str(own)) == (
        "yunet.onnx: MIT; fr_landmark.onnx: MIT; fr_eye.onnx: MIT; fr_feature.onnx: MIT; "
        "mine.onnx: Ours alone"
    )
