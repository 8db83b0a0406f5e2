import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from semblance.model.detected import DetectedFace
from semblance.vision.engine import Engine
from semblance.vision.packs.loading import load_pack
from semblance.vision.picture.decode import decode

ROOT = Path(__file__).parents[2]
MODELS = ROOT / ".local" / "models"
PHOTOS = ROOT / ".local" / "photos"

Engines = dict[str, Engine]
Photo = Callable[[str], bytes]


@pytest.fixture(scope="session")
def engines() -> Engines:
    return {name: Engine(load_pack(name, MODELS)) for name in ("open", "scrfd")}


@pytest.fixture(scope="session")
def reference_engines() -> Engines:
    """The engines that the reference values are of: two detectors, one embedder."""
    rfb = load_pack("open-rfb", MODELS)
    scrfd = replace(load_pack("scrfd", MODELS), embedder=rfb.embedder)
    return {"open": Engine(rfb), "scrfd": Engine(scrfd)}


def cosine(engine: Engine, one: DetectedFace, other: DetectedFace) -> float:
    first, second = engine.embed([one, other])
    return float(first @ second)


@pytest.fixture(params=["open", "scrfd"])
def engine(engines: Engines, request: pytest.FixtureRequest) -> Engine:
    return engines[request.param]


@pytest.fixture(scope="session")
def photo() -> Photo:
    return lambda name: (PHOTOS / name).read_bytes()


@pytest.fixture(scope="session")
def portrait(photo: Photo) -> Image.Image:
    """A picture of 400 x 500 with one face, small enough to be quick."""
    return decode(photo("obama.jpg")).resize((400, 500), Image.Resampling.HAMMING)


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(
        Path(__file__).with_name("reference-values.json").read_text(encoding="utf-8")
    )
    return values
