"""The memory that a large picture takes in a function, models and Python included."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from semblance.vision.picture.decode import decode
from tests.vision import pictures
from tests.vision.conftest import MODELS, Photo

pytestmark = pytest.mark.model

BUDGET_MIB = 512


@pytest.fixture(scope="module")
def group(photo: Photo) -> Image.Image:
    """14 megapixels with 29 faces, so that in the end all of it is decoded."""
    return decode(photo("solvay_conference_1927.jpg")).resize((4400, 3184))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux reports its peak there")
@pytest.mark.parametrize("pack", ["open", "scrfd"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda p: pictures.jpeg(
            p.transpose(Image.Transpose.ROTATE_90), progressive=True, exif=pictures.exif(6)
        ),
        lambda p: pictures.png(p.convert("RGBA")),
    ],
    ids=["turned progressive jpeg", "png with alpha"],
)
def test_14_megapixels_stay_within_512_mib(
    group: Image.Image, tmp_path: Path, pack: str, encode: Callable[[Image.Image], bytes]
) -> None:
    file = tmp_path / "group"
    file.write_bytes(encode(group))
    program = [sys.executable, "-m", "tests.vision.peak_memory", pack, str(MODELS), str(file)]
    told = subprocess.run(program, check=True, capture_output=True, text=True).stdout
    faces, peak_mib = map(int, told.split())
    assert faces == 29
    assert peak_mib < BUDGET_MIB
