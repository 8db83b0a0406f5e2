"""The output of `make demo`, on the cloud that these tests have started."""

import json

import pytest
from PIL import Image

from tools.demo import demo
from tools.terminal import console


@pytest.fixture(scope="module")
def shown(deployment, tmp_path_factory):
    """The text that it prints, and the directory of its pictures."""
    out = tmp_path_factory.mktemp("out")
    with console.capture() as capture:
        demo.show(deployment, out)
    return capture.get(), out


def test_the_table_has_each_search_with_its_match(shown):
    text, _ = shown
    for photo in ("obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"):
        assert "Barack Obama" in text.split(photo)[1].splitlines()[0]
    assert "Joe Biden" in text.split("biden_altered.jpg")[1].splitlines()[0]
    assert "no match" in text.split("solvay_conference_1927.jpg")[1].splitlines()[0]


def test_each_search_leaves_a_picture(shown):
    _, out = shown
    names = {path.name for path in out.iterdir()}
    assert names == {
        "biden_altered.jpg",
        "obama2.jpg",
        "obama3.jpg",
        "obama_partial_face.jpg",
        "solvay_conference_1927.jpg",
    }
    for name in names:
        with Image.open(out / name) as picture:
            picture.verify()


def test_the_result_of_the_dropped_photo_is_shown(shown):
    text, _ = shown
    result = json.loads(text[text.index("\n{") : text.rindex("}") + 1])
    assert result["Outcome"] == "FacesSearched"
    assert result["Faces"][0]["FaceMatches"][0]["Face"]["ExternalImageId"] == "Barack_Obama"
