"""The pipelines of the picture figures: from JPEG bytes to embeddings or matches."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypedDict

import numpy as np

from bench import machine
from bench.engines import Filling, SemblanceGallery
from bench.rounds import Stopwatch
from bench.vectors import DIMENSIONS
from bench.workers import LOCAL
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack

MODELS = LOCAL / "models"
UPSTREAM = MODELS / "upstream"
_RIVALS_FILES = ("scrfd.onnx", "fr_feature.onnx")


class Pipeline(Protocol):
    def faces(self, picture: bytes) -> int:
        """Finds and embeds every face."""

    def largest(self, picture: bytes) -> int:
        """Finds and embeds the largest face alone; Semblance searches it, too."""


def make(pipeline: str, **arguments: object) -> "Pictures":
    return Pictures(PIPELINES[pipeline](**arguments))


class PictureAnswer(TypedDict):
    ms: list[float]
    cpu_ms: list[float]
    faces: int
    peak_rss_bytes: int


class Pictures:
    """The subject of a worker: one pipeline, asked for one picture after the other."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    def ready(self) -> None:
        """The models are loaded."""

    def answer(self, picture: str, largest: bool, times: int) -> PictureAnswer:
        """Milliseconds from the picture's bytes to the answer, once for each time."""
        content = Path(picture).read_bytes()
        look = self._pipeline.largest if largest else self._pipeline.faces
        taken, faces = [], 0
        for _ in range(times):
            watch = Stopwatch()
            faces = look(content)
            taken.append(watch.taken())
        return {
            "ms": [each.wall for each in taken],
            "cpu_ms": [each.cpu for each in taken],
            "faces": faces,
            "peak_rss_bytes": machine.resident_bytes(peak=True),
        }


class Semblance:
    """Searches the largest face in a collection, too, and scores its matches."""

    def __init__(self, pack: str, faces: int, store: str) -> None:
        self._engine = Engine(load_pack(pack, MODELS), threads=1)
        filling = Filling(dims=DIMENSIONS, faces=faces, threads=1, store=Path(store))
        self._gallery = SemblanceGallery(filling)

    def faces(self, picture: bytes) -> int:
        return len(self._engine.embed(self._engine.find_faces(picture)))

    def largest(self, picture: bytes) -> int:
        (face,) = self._engine.find_faces(picture, largest_only=True)[:1]
        self._gallery.search(self._engine.embed([face])[0])
        return 1


class InsightFace:
    """Tuned as far as callers can: denormals flushed, one thread, OpenCV's decoder."""

    def __init__(self, files: str) -> None:
        import cv2
        import onnxruntime
        from insightface.app import FaceAnalysis

        cv2.setNumThreads(1)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        self._app = FaceAnalysis(
            str(insightface_dir(files)),
            providers=["CPUExecutionProvider"],
            sess_options=options,
        )
        self._app.prepare(ctx_id=-1, det_size=(640, 640))
        self._imdecode = cv2.imdecode

    def look(self, picture: bytes, most: int = 0) -> list[Any]:
        pixels = self._imdecode(np.frombuffer(picture, np.uint8), 1)
        return list(self._app.get(pixels, max_num=most))

    def faces(self, picture: bytes) -> int:
        return len(self.look(picture))

    def largest(self, picture: bytes) -> int:
        return len(self.look(picture, 1))


class Dlib:
    """The calls behind `face_locations` and `face_encodings` of `face_recognition`, by default."""

    def __init__(self) -> None:
        import importlib.util

        import dlib

        found = importlib.util.find_spec("face_recognition_models")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(name="face_recognition_models")
        models = Path(found.origin).parent / "models"
        self._detect = dlib.get_frontal_face_detector()
        self._points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self._net = dlib.face_recognition_model_v1(
            str(models / "dlib_face_recognition_resnet_model_v1.dat")
        )

    def faces(self, picture: bytes) -> int:
        return self._embed(picture, slice(None))

    def largest(self, picture: bytes) -> int:
        return self._embed(picture, slice(1))

    def _embed(self, picture: bytes, which: slice) -> int:
        from PIL import Image

        pixels = np.array(Image.open(io.BytesIO(picture)).convert("RGB"))
        boxes = sorted(self._detect(pixels, 1), key=lambda box: -box.area())[which]
        for box in boxes:
            self._net.compute_face_descriptor(pixels, self._points(pixels, box), 1)
        return len(boxes)


PIPELINES: dict[str, Callable[..., Pipeline]] = {
    "ours": Semblance,
    "insightface": InsightFace,
    "dlib": Dlib,
}


def insightface_dir(files: str) -> Path:
    """A directory with InsightFace's two files: `upstream`, or `prepared` by Semblance."""
    source = {"upstream": UPSTREAM, "prepared": MODELS}[files]
    directory = LOCAL / "bench-data" / f"insightface-{files}"
    directory.mkdir(parents=True, exist_ok=True)
    for name in _RIVALS_FILES:
        link = directory / name
        link.unlink(missing_ok=True)
        link.symlink_to(source / name)
    return directory
