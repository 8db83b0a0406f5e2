"""The outputs of the prepared models beside those of the files that they were made from."""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from semblance.vision.finding.finders import make_finder
from semblance.vision.finding.spread import Spread
from semblance.vision.packs.loading import load_pack
from semblance.vision.packs.manifest import MANIFEST
from semblance.vision.picture.decode import decode, open_photo
from tests.vision.conftest import MODELS, Photo
from tools.models.archives import FetchError
from tools.models.fetch import UPSTREAM_DIR
from tools.models.prepare import Step, prepare

pytestmark = pytest.mark.model

UPSTREAM = MODELS / UPSTREAM_DIR
FILES: Mapping[str, Any] = tomllib.loads(MANIFEST.read_text())["files"]
FEATURE_STEPS: tuple[Step, ...] = tuple(FILES["fr_feature.onnx"]["prepare"])
GROUP = "solvay_conference_1927.jpg"
PHOTOS = (GROUP, "obama.jpg", "obama2.jpg", "biden.jpg", "gauss.png", "newton.png", "32bit.png")

RFB_OFFSETS = "462"
"""The original decodes its boxes from this output; the prepared file returns it as it is."""


def session(model: Path | bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    content = model if isinstance(model, bytes) else model.read_bytes()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run(net: onnxruntime.InferenceSession, batch: np.ndarray) -> dict[str, np.ndarray]:
    names = [output.name for output in net.get_outputs()]
    return dict(zip(names, net.run(None, {net.get_inputs()[0].name: batch}), strict=True))


def resized(picture: Image.Image, width: int, height: int) -> np.ndarray:
    """A batch of one with values from -1 to 1: close enough to the input of each network."""
    pixels = np.asarray(picture.convert("RGB").resize((width, height)), dtype=np.float32)
    return np.ascontiguousarray((pixels.transpose(2, 0, 1)[None] - 127.5) / 128)


@pytest.fixture(scope="module")
def faces(photo: Photo) -> np.ndarray:
    """Every face of the photos as input of the embedder: (faces, 3, 112, 112)."""
    finder = make_finder(load_pack("open", MODELS), Spread(threads=1))
    crops = [f.judged.crop for name in PHOTOS for f in finder.find(open_photo(photo(name)))]
    pixels = np.array(crops, dtype=np.float32)[..., ::-1].transpose(0, 3, 1, 2)
    return np.ascontiguousarray((pixels - 127.5) / 128)


@pytest.fixture(scope="module")
def raw(faces: np.ndarray) -> np.ndarray:
    """The original's output for each face: (faces, 512)."""
    original = session(UPSTREAM / "fr_feature.onnx")
    return np.concatenate([run(original, face[None])["output"] for face in faces])


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_embedder_keeps_every_cosine_and_every_norm(faces: np.ndarray, raw: np.ndarray) -> None:
    prepared = run(session(MODELS / "fr_feature.onnx"), faces)["output"]
    assert raw.shape == (35, 512)
    assert prepared.shape == (35, 160)
    assert np.abs(unit(raw) @ unit(raw).T - unit(prepared) @ unit(prepared).T).max() < 0.0005
    norms = np.linalg.norm(raw, axis=1)
    assert np.linalg.norm(prepared, axis=1) == pytest.approx(norms, rel=0.0005)


def test_the_embedder_answers_on_the_committed_basis(faces: np.ndarray, raw: np.ndarray) -> None:
    """Cosines hold on any basis; stored faces can be compared on this one only."""
    prepared = run(session(MODELS / "fr_feature.onnx"), faces)["output"]
    basis = np.load(MANIFEST.parent / "mobilefacenet-512x160.npy")
    assert np.abs(prepared - raw @ basis).max() < 1e-4


@pytest.mark.parametrize("last", ["drop_dead_channels", "rewrite_prelu"])
def test_each_step_by_itself_changes_nothing(faces: np.ndarray, raw: np.ndarray, last: str) -> None:
    steps = FEATURE_STEPS[: FEATURE_STEPS.index(last) + 1]
    some = slice(0, 8)
    partly = session(prepare((UPSTREAM / "fr_feature.onnx").read_bytes(), [*steps, "free_batch"]))
    assert np.abs(run(partly, faces[some])["output"] - raw[some]).max() < 1e-4


def test_the_embedder_has_no_slow_nodes_channels_or_weights() -> None:
    graph = onnx.load(MODELS / "fr_feature.onnx").graph
    assert {node.op_type for node in graph.node} == {"Add", "Conv", "Relu", "Reshape"}
    weights = [onnx.numpy_helper.to_array(t) for t in graph.initializer]
    assert not any(((w != 0) & (np.abs(w) < 1e-12)).any() for w in weights)
    hidden = [w.shape[0] for w in weights if w.shape[1:] in {(1, 3, 3), (1, 7, 7)}]
    assert len(hidden) == 17
    assert sum(hidden) == 4032 - 1248
    assert all(channels % 16 == 0 for channels in hidden)


def test_another_basis_is_refused() -> None:
    """Stored faces would no longer match."""
    other = [
        {**step, "sha256": "0" * 64} if isinstance(step, dict) else step for step in FEATURE_STEPS
    ]
    with pytest.raises(FetchError, match=r"mobilefacenet-512x160\.npy has SHA-256 .* refused"):
        prepare((UPSTREAM / "fr_feature.onnx").read_bytes(), other)


@pytest.mark.parametrize("name", PHOTOS)
def test_rfb_gives_the_same_output_at_the_originals_input_size(photo: Photo, name: str) -> None:
    telling = onnx.load(UPSTREAM / "fr_detect.onnx")
    telling.graph.output.append(
        onnx.helper.make_tensor_value_info(RFB_OFFSETS, onnx.TensorProto.FLOAT, None)
    )
    picture = resized(decode(photo(name)), 320, 240)
    original = run(session(telling.SerializeToString()), picture)
    prepared = run(session(MODELS / "fr_detect.onnx"), picture)
    for output in ("scores", RFB_OFFSETS):
        assert np.abs(original[output] - prepared[output]).max() < 1e-4


@pytest.mark.parametrize("name", PHOTOS)
def test_scrfd_gives_the_same_output_at_the_originals_input_size(photo: Photo, name: str) -> None:
    picture = resized(decode(photo(name)), 640, 640)
    original = run(session(UPSTREAM / "scrfd.onnx"), picture)
    prepared = run(session(MODELS / "scrfd.onnx"), picture)
    assert original.keys() == prepared.keys()
    for output, values in original.items():
        assert np.abs(values.reshape(prepared[output].shape) - prepared[output]).max() < 1e-4


def unblocked_biases(model: bytes) -> bytes:
    """The file with its 14 biases of one scale each quantised as a whole, as this runtime asks."""
    quantized = onnx.load_model_from_string(model)
    dims = {tensor.name: tuple(tensor.dims) for tensor in quantized.graph.initializer}
    for node in quantized.graph.node:
        if node.op_type == "DequantizeLinear" and dims[node.input[1]] == (1,):
            axis = [attribute for attribute in node.attribute if attribute.name == "axis"]
            del node.attribute[:]
            node.attribute.extend(axis)
    return quantized.SerializeToString()


@pytest.mark.parametrize("name", PHOTOS)
def test_yunet_gives_the_same_output_at_the_originals_input_size(photo: Photo, name: str) -> None:
    picture = resized(decode(photo(name)), 640, 640)[:, ::-1] * 128 + 127.5
    original = run(session(unblocked_biases((UPSTREAM / "yunet.onnx").read_bytes())), picture)
    prepared = run(session(MODELS / "yunet.onnx"), picture)
    assert original.keys() == prepared.keys()
    for output, values in original.items():
        assert np.abs(values - prepared[output]).max() < 1e-4


def test_yunet_takes_pictures_of_any_size(photo: Photo) -> None:
    """A picture's cells are those of the same picture on a larger canvas, far from the edge."""
    picture = resized(decode(photo(GROUP)), 640, 640)[:, ::-1] * 128 + 127.5
    net = session(MODELS / "yunet.onnx")
    whole, part = run(net, picture), run(net, picture[:, :, :320, :480])
    for stride in (8, 16, 32):
        rows, columns, inner = 320 // stride, 480 // stride, 96 // stride
        for output in ("cls", "obj", "bbox", "kps"):
            all_cells = whole[f"{output}_{stride}"].reshape(640 // stride, 640 // stride, -1)
            cells = part[f"{output}_{stride}"].reshape(rows, columns, -1)
            same = all_cells[:inner, :inner] - cells[:inner, :inner]
            assert np.abs(same).max() < 1e-3


def test_sface_gives_the_same_output(faces: np.ndarray) -> None:
    pixels = faces[:, ::-1] * 128 + 127.5
    original = session(UPSTREAM / "sface.onnx")
    # The file lists constants as inputs that quantising removed: nothing takes them.
    stray = {value.name: np.zeros(value.shape, np.float32) for value in original.get_inputs()[1:]}
    expected = np.concatenate([original.run(None, stray | {"data": p[None]})[0] for p in pixels])
    prepared = run(session(MODELS / "sface.onnx"), pixels)["fc1"]
    assert prepared.shape == (35, 128)
    assert np.abs(unit(prepared) - unit(expected)).max() < 1e-5


def test_sface_has_one_slow_node_at_its_end() -> None:
    graph = onnx.load(MODELS / "sface.onnx").graph
    kinds = [node.op_type for node in graph.node]
    assert kinds.count("PRelu") == 1
    assert "DequantizeLinear" not in kinds
    assert [value.name for value in graph.input] == ["data"]


@pytest.mark.parametrize(("file", "side"), [("fr_landmark.onnx", 64), ("fr_eye.onnx", 24)])
def test_small_networks_give_the_same_output_in_a_batch_as_one_by_one(
    faces: np.ndarray, file: str, side: int
) -> None:
    gray = faces.mean(axis=1, keepdims=True)[:, :, :side, :side] / 2 + 0.5
    original = session(UPSTREAM / file)
    one_by_one = np.concatenate([run(original, face[None])["output"] for face in gray])
    assert np.abs(run(session(MODELS / file), gray)["output"] - one_by_one).max() < 1e-4


@pytest.mark.parametrize("file", FILES)
def test_preparing_twice_gives_the_file_that_the_manifest_pins(file: str) -> None:
    original = (UPSTREAM / file).read_bytes()
    first, second = (prepare(original, FILES[file]["prepare"]) for _ in range(2))
    assert first == second
    assert hashlib.sha256(first).hexdigest() == FILES[file]["prepared_sha256"]
