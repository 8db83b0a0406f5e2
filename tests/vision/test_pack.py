"""Packs are data: a new one needs no code, and files with another checksum are refused."""

import hashlib
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from semblance.embedding.codec import UNMARKED, Codec
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import MANIFEST, load_codecs, load_pack
from semblance.vision.packs.specs import PREPARED_INDEX, PackError
from tests.vision import pictures
from tests.vision.conftest import MODELS, Photo
from tools.models.fetch import UPSTREAM_DIR

THIRD_PACK = """
[packs.choosy]
landmarks = "ibug68"
eyes = "lids24"
embedder = "mobilefacenet160"
quality = "faces"

[packs.choosy.detector]
kind = "rfb"
file = "fr_detect.onnx"
mean = 127.0
scale = 128.0
long_sides = [480, 160]
min_score = 0.995
nms_iou = 0.35
accept = [{ score = 0.995, norm = 3.8, shift = 0.1 }]
rescue = { score = 1.1, norm = 0.0 }
turned_norm = 3.8
confidence = [[0.5, 80.0], [0.9999, 99.99]]
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the manifest and of the files beside it, for a test to change."""
    return Path(shutil.copytree(MANIFEST.parent, tmp_path / "packs"))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS, tmp_path / "models"))


@pytest.mark.model
def test_a_third_pack_is_a_table_in_the_manifest(packs: Path, photo: Photo) -> None:
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text() + THIRD_PACK)
    engine = Engine(load_pack("choosy", MODELS, manifest))
    faces = engine.find_faces(photo("solvay_conference_1927.jpg"))
    assert 0 < len(faces) < 29
    assert all(face.norm >= 3.8 for face in faces)


def test_an_unknown_pack_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(PackError, match=r"no model pack 'best': open, scrfd"):
        load_pack("best", MODELS)


def test_every_embedder_has_its_codec_whichever_pack_is_deployed(packs: Path) -> None:
    manifest = packs / "manifest.toml"
    another = (
        '[embedders.other]\nmodel_id = "other-1"\n'
        "codec = { size = 96, largest = 0.5, margin = 0.02 }\n"
    )
    manifest.write_text(manifest.read_text() + another)
    codecs = load_codecs(manifest)
    assert codecs["other-1"] == Codec(model_id="other-1", size=96, largest=0.5, margin=0.02)
    assert codecs == load_codecs() | {"other-1": codecs["other-1"]}
    assert all(
        codecs[pack.embedder.codec.model_id] == pack.embedder.codec
        for pack in (load_pack(name, MODELS) for name in ("open", "scrfd"))
    )


def test_codes_that_version_0_1_0_stored_are_still_read() -> None:
    assert load_codecs()[UNMARKED.model_id].made(b"")


@pytest.mark.model
def test_an_unknown_kind_of_detector_is_refused(packs: Path, portrait: Image.Image) -> None:
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('kind = "rfb"', 'kind = "yolo"'))
    engine = Engine(load_pack("open", MODELS, manifest))
    with pytest.raises(PackError, match="pack open names a detector 'yolo': rfb, scrfd"):
        engine.find_faces(pictures.png(portrait))


def test_missing_models_are_named_with_the_command_that_brings_them(
    tmp_path: Path, portrait_like: bytes
) -> None:
    engine = Engine(load_pack("open", tmp_path))
    with pytest.raises(PackError, match=r"run `make fetch`"):
        engine.find_faces(portrait_like)


@pytest.mark.model
@pytest.mark.parametrize("file", ["fr_detect.onnx", "fr_landmark.onnx", "fr_feature.onnx"])
def test_a_model_that_was_changed_is_refused(models: Path, portrait_like: bytes, file: str) -> None:
    changed = bytearray((models / file).read_bytes())
    changed[-100] ^= 1
    (models / file).write_bytes(changed)
    engine = Engine(load_pack("open", models))
    with pytest.raises(PackError, match=f"{file} has SHA-256 .* refused"):
        engine.find_faces(portrait_like)


@pytest.mark.model
def test_a_model_made_from_another_file_is_refused(models: Path, portrait_like: bytes) -> None:
    """The manifest decides, even when the index names the other file."""
    index = json.loads((models / PREPARED_INDEX).read_text())
    index["fr_detect.onnx"]["upstream"] = "0" * 64
    (models / PREPARED_INDEX).write_text(json.dumps(index))
    engine = Engine(load_pack("open", models))
    with pytest.raises(PackError, match="prepared from another file than the manifest names"):
        engine.find_faces(portrait_like)


@pytest.mark.model
def test_an_embedder_prepared_by_an_older_recipe_is_refused(
    models: Path, portrait_like: bytes
) -> None:
    """The index does not show the recipe; the 512 numbers of the model's output do."""
    upstream = (models / UPSTREAM_DIR / "fr_feature.onnx").read_bytes()
    (models / "fr_feature.onnx").write_bytes(upstream)
    index = json.loads((models / PREPARED_INDEX).read_text())
    index["fr_feature.onnx"]["prepared"] = index["fr_feature.onnx"]["upstream"]
    (models / PREPARED_INDEX).write_text(json.dumps(index))
    engine = Engine(load_pack("open", models))
    with pytest.raises(PackError, match=r"older recipe, run `make fetch`"):
        engine.find_faces(portrait_like)


@pytest.mark.parametrize("pack", ["open", "scrfd"])
def test_a_pack_has_every_level_of_the_quality_filter(pack: str) -> None:
    assert load_pack(pack, MODELS).quality.keys() == {"LOW", "MEDIUM", "HIGH"}


def test_every_file_has_a_source_a_checksum_and_a_licence() -> None:
    table = tomllib.loads(MANIFEST.read_text())
    for file in table["files"].values():
        assert file["source"] in table["sources"]
        assert len(file["sha256"]) == 64
        assert file["licence"]
    for source in table["sources"].values():
        assert source["registry"] in {"npm", "pypi"}
        assert len(source["sha256"]) == 64


def test_the_basis_of_stored_embeddings_never_changes() -> None:
    """The checksum is written here too, and not read from the manifest: it must never change."""
    basis = MANIFEST.parent / "mobilefacenet-512x160.npy"
    assert hashlib.sha256(basis.read_bytes()).hexdigest() == (
        "315ae00ad2f7fbcc0dc9b13880f3c5f81e2e6a7c01ae35324f4da8355710f459"
    )


@pytest.fixture(scope="module")
def portrait_like() -> bytes:
    return pictures.png(Image.new("RGB", (100, 100)))
