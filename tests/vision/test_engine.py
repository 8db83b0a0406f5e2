"""The engine as the rest of the service sees it, with real models."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from semblance.errors import InvalidImageFormatException
from semblance.model.detected import DetectedFace
from semblance.vision.engine import Engine
from semblance.vision.face.landmarks import FIVE, POINTS_OF
from semblance.vision.packs.loading import load_pack
from semblance.vision.picture.decode import decode
from tests.vision import pictures
from tests.vision.conftest import MODELS, Engines, Photo, cosine

model = pytest.mark.model


def corners(face: DetectedFace) -> tuple[float, float, float, float]:
    box = face.box
    return box.left, box.top, box.left + box.width, box.top + box.height


@model
def test_a_face_is_described_in_full(engine: Engine, portrait: Image.Image) -> None:
    (face,) = engine.find_faces(pictures.png(portrait), attributes=["SMILE"])
    assert face.landmarks.keys() == POINTS_OF.keys()
    left, top, right, bottom = corners(face)
    inside = [left < x < right and top < y < bottom for x, y in face.landmarks.values()]
    assert sum(inside) >= 26  # the ends of the jaw may lie outside SCRFD's narrower box
    (embedding,) = engine.embed([face])
    assert embedding.shape == (engine.codec.size,)
    assert embedding.dtype == np.float32
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    assert face.height_px == pytest.approx((bottom - top) * portrait.height)
    assert 99 < face.confidence <= 100


@model
def test_without_requested_attributes_a_face_has_five_landmarks(
    engine: Engine, portrait: Image.Image
) -> None:
    file = pictures.png(portrait)
    (plain,), (asked,) = engine.find_faces(file), engine.find_faces(file, attributes=["SMILE"])
    assert plain.landmarks.keys() == set(FIVE)
    assert plain.landmarks.items() <= asked.landmarks.items()


@model
def test_landmarks_are_where_their_names_say(engine: Engine, portrait: Image.Image) -> None:
    (face,) = engine.find_faces(pictures.png(portrait), attributes=["SMILE"])
    x = {name: point[0] for name, point in face.landmarks.items()}
    y = {name: point[1] for name, point in face.landmarks.items()}
    assert x["upperJawlineLeft"] < x["leftEyeLeft"] < x["eyeLeft"] < x["leftEyeRight"] < x["nose"]
    assert x["nose"] < x["rightEyeLeft"] < x["eyeRight"] < x["rightEyeRight"]
    assert x["rightEyeRight"] < x["upperJawlineRight"]
    assert x["mouthLeft"] < x["mouthUp"] < x["mouthRight"]
    assert y["leftEyeBrowUp"] < y["leftEyeUp"] < y["leftEyeDown"] < y["nose"] < y["mouthUp"]
    assert y["mouthUp"] < y["mouthDown"] < y["chinBottom"]
    assert face.landmarks["leftPupil"] == face.landmarks["eyeLeft"]


@model
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_held_any_way_gives_the_same_face(
    engine: Engine, portrait: Image.Image, orientation: int
) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    (upright,) = engine.find_faces(pictures.jpeg(portrait))
    stored = portrait.transpose(back[orientation]) if orientation in back else portrait
    (face,) = engine.find_faces(pictures.jpeg(stored, exif=pictures.exif(orientation)))
    assert corners(face) == pytest.approx(corners(upright), abs=0.005)
    assert cosine(engine, face, upright) > 0.98


@model
@pytest.mark.parametrize("turn", [60, 90, 180, 270])
def test_a_face_that_lies_on_its_side_is_set_upright(
    engine: Engine, photo: Photo, turn: int
) -> None:
    """No EXIF and no other hint, as in PNGs of screens and pictures without their metadata."""
    gauss = decode(photo("gauss.png")).resize((785, 1000))
    (upright,) = engine.find_faces(pictures.png(gauss))
    turned = gauss.rotate(-turn, expand=True, resample=Image.Resampling.BICUBIC)
    face = engine.find_faces(pictures.png(turned))[0]
    assert cosine(engine, face, upright) > 0.8
    off = (face.pose.roll - upright.pose.roll - turn + 180) % 360 - 180
    assert abs(off) < 15


@model
def test_the_box_of_a_turned_face_turns_with_it(engines: Engines, photo: Photo) -> None:
    picture = decode(photo("newton.png"))
    left, top, right, bottom = corners(engines["open"].find_faces(pictures.png(picture))[0])
    upside_down = picture.transpose(Image.Transpose.ROTATE_180)
    face = engines["open"].find_faces(pictures.png(upside_down))[0]
    assert corners(face) == pytest.approx((1 - right, 1 - bottom, 1 - left, 1 - top), abs=0.05)


@model
def test_no_face_is_found_in_pictures_without_one(engine: Engine) -> None:
    noise = Image.effect_noise((600, 400), 90).convert("RGB")
    for picture in (
        Image.new("RGB", (300, 200), "white"),
        noise,
        noise.resize((60, 40)).resize((600, 400)),
        noise.resize((12, 8)).resize((600, 400)),
    ):
        assert engine.find_faces(pictures.png(picture)) == []


@model
@pytest.mark.parametrize("cut", [1.0, 0.8, 0.6])
def test_a_face_may_fill_the_picture(engine: Engine, portrait: Image.Image, cut: float) -> None:
    (whole,) = engine.find_faces(pictures.png(portrait))
    left, top, right, bottom = corners(whole)
    width, height = portrait.size
    spare_x, spare_y = (right - left) * (cut - 0.6), (bottom - top) * (cut - 0.6)
    tight = portrait.crop(
        (
            int((left - spare_x) * width),
            int((top - spare_y) * height),
            int((right + spare_x) * width),
            int((bottom + spare_y) * height),
        )
    )
    (face,) = engine.find_faces(pictures.png(tight))
    assert cosine(engine, face, whole) > 0.9


@model
@pytest.mark.parametrize(("side", "least"), [(250, 0.97), (125, 0.7)])
def test_a_small_face_is_the_same_face(
    engine: Engine, portrait: Image.Image, side: int, least: float
) -> None:
    (face,) = engine.find_faces(pictures.png(portrait))
    small = portrait.resize((side * 4 // 5, side), Image.Resampling.HAMMING)
    (again,) = engine.find_faces(pictures.png(small))
    assert cosine(engine, again, face) > least


@model
def test_quality_falls_with_blur_and_darkness(engine: Engine, portrait: Image.Image) -> None:
    (sharp,) = engine.find_faces(pictures.png(portrait))
    (blurred,) = engine.find_faces(pictures.png(portrait.filter(ImageFilter.GaussianBlur(4))))
    (dark,) = engine.find_faces(pictures.png(portrait.point(lambda value: value // 4)))
    assert blurred.quality.sharpness < 60 < 95 < sharp.quality.sharpness
    assert dark.quality.brightness == pytest.approx(sharp.quality.brightness / 4, abs=2)
    assert blurred.judged.norm < sharp.judged.norm
    assert dark.judged.norm < sharp.judged.norm
    assert "LOW_SHARPNESS" in engine.quality_reasons(blurred, "AUTO")
    assert "LOW_BRIGHTNESS" in engine.quality_reasons(dark, "HIGH")
    assert engine.quality_reasons(sharp, "HIGH") == ()


@model
@pytest.mark.parametrize("pack", ["open", "scrfd"])
def test_threads_change_nothing_but_the_time(engines: Engines, photo: Photo, pack: str) -> None:
    group = photo("solvay_conference_1927.jpg")
    one = engines[pack].find_faces(group)
    threaded = Engine(load_pack(pack, MODELS), threads=3)
    three = threaded.find_faces(group)
    assert [face.box for face in three] == [face.box for face in one]
    assert np.array_equal(threaded.embed(three), engines[pack].embed(one))


@model
def test_models_are_loaded_once_by_the_first_of_several_threads(portrait: Image.Image) -> None:
    engine = Engine(load_pack("open", MODELS))
    finders: list[object] = []
    threads = [threading.Thread(target=lambda: finders.append(engine._load())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(finder) for finder in finders}) == 1


@model
def test_the_engine_raises_the_decoders_refusals(engine: Engine) -> None:
    with pytest.raises(InvalidImageFormatException):
        engine.find_faces(b"no picture")


def test_describing_an_engine_needs_no_models() -> None:
    open_engine, scrfd_engine = (
        Engine(load_pack(name, Path("nowhere"))) for name in ("open", "scrfd")
    )
    assert open_engine.codec == scrfd_engine.codec
    assert re.fullmatch(r"[a-z0-9.-]+", open_engine.codec.model_id)
    assert open_engine.calibration[0] == (0, 0)
    assert open_engine.calibration[-1] == (1, 100)


def test_calibration_rises() -> None:
    knots = np.array(Engine(load_pack("open", Path("nowhere"))).calibration)
    assert (np.diff(knots, axis=0) > 0).all()


@pytest.mark.parametrize("heavy", ["onnxruntime", "numpy", "PIL"])
def test_importing_the_engine_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys, semblance.vision.engine; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
