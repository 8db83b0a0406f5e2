"""Packs are data: a new one needs no code, and files with another checksum are refused."""

import hashlib
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semblance.embedding.codec import UNMARKED, Codec
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_codecs, load_pack
from semblance.vision.packs.manifest import MANIFEST
from semblance.vision.packs.specs import PackError
from tests.vision import pictures
from tests.vision.conftest import MODELS, Photo
from tests.world.own_pack import write_own_pack

CHOOSY_PACK = """
[packs.choosy]
detector = "choosy"
landmarks = "ibug68"
eyes = "lids24"
judge = "mobilefacenet"
embedder = "mobilefacenet"
quality = "faces"

[detectors.choosy]
kind = "rfb"
file = "fr_detect.onnx"
mean = 127.0
scale = 128.0
long_sides = [480, 160]
enlarge = inf
quick_look = { long_sides = [320, 160], min_height_px = 40, score = 0.98 }
min_score = 0.995
nms_iou = 0.35
box = "landmarks"
accept = [{ score = 0.995, norm = "beyond doubt", shift = 0.1 }]
rescue = { score = 1.1, norm = "any", settled = 0.0, drift = 0.0, gain = 0.0 }
turned = { quarters = [1, 2, 3], long_sides = [480], norm = "beyond doubt" }
confidence = [[0.5, 80.0], [0.9999, 99.99]]
"""

SFACE_PACK = """
[packs.own]
detector = "yunet"
landmarks = "ibug68"
eyes = "lids24"
judge = "mobilefacenet"
embedder = "own"
quality = "faces"

[embedders.own]
model_id = "own-128"
branches = [{ network = "sface", weight = 1.0 }]
codec = { size = 128, largest = 0.5, margin = 0.01 }
calibration = [[0.0, 0.0], [1.0, 100.0]]
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the manifest and of the files beside it, for a test to change."""
    return Path(shutil.copytree(MANIFEST.parent, tmp_path / "packs"))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return Path(shutil.copytree(MODELS, tmp_path / "models"))


@pytest.mark.model
def test_another_pack_is_tables_in_the_manifest(packs: Path, photo: Photo) -> None:
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text() + CHOOSY_PACK)
    engine = Engine(load_pack("choosy", MODELS, manifest))
    faces = engine.find_faces(photo("solvay_conference_1927.jpg"))
    assert 0 < len(faces) < 29
    assert all(face.judged.norm >= 3.6 for face in faces)


def test_an_unknown_pack_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(PackError, match=r"no model pack 'best': open, open-light, open-rfb, scrfd"):
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
    manifest.write_text(manifest.read_text().replace('kind = "yunet"', 'kind = "yolo"'))
    engine = Engine(load_pack("open", MODELS, manifest))
    with pytest.raises(PackError, match="pack open names a detector 'yolo': rfb, scrfd, yunet"):
        engine.find_faces(pictures.png(portrait))


def test_missing_models_are_named_with_the_command_that_brings_them(
    tmp_path: Path, portrait_like: bytes
) -> None:
    engine = Engine(load_pack("open", tmp_path))
    with pytest.raises(PackError, match=r"run `make fetch`"):
        engine.find_faces(portrait_like)


@pytest.mark.model
@pytest.mark.parametrize("file", ["yunet.onnx", "fr_landmark.onnx", "fr_feature.onnx"])
def test_a_model_that_was_changed_is_refused(models: Path, portrait_like: bytes, file: str) -> None:
    changed = bytearray((models / file).read_bytes())
    changed[-100] ^= 1
    (models / file).write_bytes(changed)
    engine = Engine(load_pack("open", models))
    with pytest.raises(PackError, match=f"{file} has SHA-256 .* refused"):
        engine.find_faces(portrait_like)


@pytest.mark.model
def test_a_basis_that_was_changed_is_refused(packs: Path, portrait: Image.Image) -> None:
    """Stored faces would no longer match."""
    basis = packs / "sface-mobilefacenet-288x160.npy"
    basis.write_bytes(basis.read_bytes()[:-1] + b"?")
    engine = Engine(load_pack("open", MODELS, packs / "manifest.toml"))
    faces = engine.find_faces(pictures.png(portrait))
    with pytest.raises(PackError, match=f"{basis.name} has SHA-256 .* refused"):
        engine.embed(faces)


@pytest.mark.model
def test_an_embedder_whose_parts_do_not_fit_is_refused(packs: Path, portrait: Image.Image) -> None:
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text().replace(', { network = "sface", weight = 0.57 }', ""))
    engine = Engine(load_pack("open", MODELS, manifest))
    faces = engine.find_faces(pictures.png(portrait))
    with pytest.raises(PackError, match="networks give 160, and its basis makes 160 of 288"):
        engine.embed(faces)


@pytest.mark.model
def test_the_second_network_is_loaded_by_the_first_face_that_is_embedded(
    models: Path, portrait: Image.Image
) -> None:
    (models / "sface.onnx").unlink()
    engine = Engine(load_pack("open", models))
    faces = engine.find_faces(pictures.png(portrait))
    with pytest.raises(PackError, match=r"sface\.onnx is missing: run `make fetch`"):
        engine.embed(faces)


@pytest.mark.model
def test_an_embedder_may_do_without_the_judges_network(packs: Path, portrait: Image.Image) -> None:
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text() + SFACE_PACK)
    engine = Engine(load_pack("own", MODELS, manifest))
    light = Engine(load_pack("open-light", MODELS, manifest))
    (face,), (same,) = (each.find_faces(pictures.png(portrait)) for each in (engine, light))
    (embedding,) = engine.embed([face])
    assert embedding.shape == (128,)
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    assert face.judged.norm == same.judged.norm


@pytest.mark.model
def test_a_fused_embedding_weighs_the_cosines_of_its_branches(packs: Path, photo: Photo) -> None:
    """The basis has 160 of the branches' 288 directions, which hold nearly all of every face."""
    manifest = packs / "manifest.toml"
    manifest.write_text(manifest.read_text() + SFACE_PACK)
    fused, light, sface = (
        Engine(load_pack(pack, MODELS, manifest)) for pack in ("open", "open-light", "own")
    )
    faces = fused.find_faces(photo("solvay_conference_1927.jpg"))
    cosines, a, b = (
        each @ each.T for each in (engine.embed(faces) for engine in (fused, light, sface))
    )
    assert np.abs(cosines - (0.43 * a + 0.57 * b)).max() < 0.05


@pytest.mark.parametrize("pack", ["open", "open-light", "scrfd"])
def test_a_pack_has_every_level_of_the_quality_filter(pack: str) -> None:
    assert load_pack(pack, MODELS).quality.keys() == {"LOW", "MEDIUM", "HIGH"}


def test_every_file_has_a_source_a_checksum_and_a_licence() -> None:
    table = tomllib.loads(MANIFEST.read_text())
    for file in table["files"].values():
        assert file["source"] in table["sources"]
        assert len(file["sha256"]) == len(file["prepared_sha256"]) == 64
        assert file["licence"]
    for source in table["sources"].values():
        assert source["registry"] in {"npm", "pypi"}
        assert len(source["sha256"]) == 64


@pytest.mark.parametrize(
    ("basis", "sha256"),
    [
        (
            "mobilefacenet-512x160.npy",
            "315ae00ad2f7fbcc0dc9b13880f3c5f81e2e6a7c01ae35324f4da8355710f459",
        ),
        (
            "sface-mobilefacenet-288x160.npy",
            "343d66434e57e1c3fbf1543791045b7c6d8fc3c88ea346dbedb574e0ef56d56c",
        ),
    ],
)
def test_the_bases_of_stored_embeddings_never_change(basis: str, sha256: str) -> None:
    """The checksums are written here too, not read from the manifest: they must never change."""
    assert hashlib.sha256((MANIFEST.parent / basis).read_bytes()).hexdigest() == sha256


@pytest.fixture(scope="module")
def portrait_like() -> bytes:
    return pictures.png(Image.new("RGB", (100, 100)))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_own_pack(tmp_path / "own", b"weights", b"basis")


def test_an_owners_pack_is_laid_over_the_manifest(own: Path) -> None:
    pack, light = load_pack(str(own), MODELS), load_pack("open-light", MODELS)
    assert pack.name == "mine"
    assert (pack.detector, pack.landmarks, pack.eyes) == (
        light.detector, light.landmarks, light.eyes
    )  # fmt: skip
    assert (pack.judge, pack.quality) == (light.judge, light.quality)
    assert pack.embedder.codec == Codec(model_id="mine-1", size=96, largest=0.5, margin=0.01)
    (branch,) = pack.embedder.branches
    assert branch.net.file.read() == b"weights"
    assert pack.embedder.basis is not None
    assert pack.embedder.basis.read() == b"basis"


def test_an_owners_file_with_another_checksum_is_refused(own: Path) -> None:
    (own / "mine.npy").write_bytes(b"another")
    basis = load_pack(str(own), MODELS).embedder.basis
    assert basis is not None
    with pytest.raises(PackError, match=r"mine\.npy has SHA-256 .*: refused"):
        basis.read()


def test_the_codecs_are_those_of_the_owners_pack_and_of_all_others(own: Path) -> None:
    codecs = load_codecs(pack=str(own))
    assert codecs == load_codecs() | {"mine-1": load_pack(str(own), MODELS).embedder.codec}


def test_an_owners_manifest_may_name_the_codec_of_a_former_pack(own: Path) -> None:
    with (own / MANIFEST.name).open("a") as manifest:
        manifest.write('[embedders.former]\nmodel_id = "old-1"\n')
        manifest.write("codec = { size = 64, largest = 0.6, margin = 0.01 }\n")
    assert load_codecs(pack=str(own))["old-1"].size == 64
    assert load_pack(str(own), MODELS).name == "mine"


def test_an_owners_pack_may_not_take_the_name_of_another(tmp_path: Path) -> None:
    own = write_own_pack(tmp_path / "own", b"weights", b"basis", name="open")
    with pytest.raises(PackError, match="packs of the pack have names that are taken: open"):
        load_pack(str(own), MODELS)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, r"manifest\.toml is missing: this is no model pack"),
        ("[packs", r"manifest\.toml is no TOML"),
        ("[networks.mine]", "has 0 packs in its manifest, and not one"),
    ],
)
def test_a_directory_that_is_no_pack_is_refused(
    tmp_path: Path, manifest: str | None, said: str
) -> None:
    if manifest:
        (tmp_path / MANIFEST.name).write_text(manifest)
    with pytest.raises(PackError, match=said):
        load_pack(str(tmp_path), MODELS)
