"""The pictures that `bench.wholeness` makes: the same on every run, and cut as they say."""

import io
import tomllib

import numpy as np
import pytest
from PIL import Image

from bench import machine
from bench.wholeness import heaps
from bench.wholeness.crops import own_box
from bench.wholeness.looking import iou
from bench.wholeness.pictures import LIST
from bench.wholeness.table import Run, Runs, costs, whole_faces
from bench.wholeness.tally import Row, Tally
from semblance.model.detected import Box

MACHINE = machine.describe()


@pytest.mark.slow
@pytest.mark.parametrize("palette", heaps.PALETTES)
def test_a_heap_is_drawn_alike_each_time(palette: str) -> None:
    drawn = heaps.draw(palette, seed=3, size=(120, 100))
    assert drawn == heaps.draw(palette, seed=3, size=(120, 100))
    assert drawn != heaps.draw(palette, seed=4, size=(120, 100))
    pixels = np.asarray(Image.open(io.BytesIO(drawn)))
    assert pixels.shape == (100, 120, 3)
    assert pixels.std() > 10


def test_a_face_is_cut_to_its_box_inside_the_picture() -> None:
    picture = Image.new("RGB", (200, 300))
    crop = own_box(picture, Box(0.5, -0.1, 0.6, 0.5))
    assert crop is not None
    assert crop.size == (100, 120)


@pytest.mark.parametrize("box", [Box(0.5, 0.5, 0.3, 0.5), Box(0.7, 0.5, 0.6, 0.5)])
def test_no_crop_is_smaller_than_a_picture_may_be(box: Box) -> None:
    assert own_box(Image.new("RGB", (200, 300)), box) is None


def test_boxes_overlap_by_their_shared_share() -> None:
    assert iou(Box(0, 0, 0.2, 0.2), Box(0.1, 0, 0.2, 0.2)) == pytest.approx(1 / 3)
    assert iou(Box(0, 0, 0.2, 0.2), Box(0.5, 0.5, 0.2, 0.2)) == 0


def test_a_tally_counts_each_case_once_and_each_kind() -> None:
    tally = Tally("crops", "photos", ("wrong", "none"))
    tally.passed()
    tally.fails("wrong", "a")
    assert tally.row() == {
        "figure": "crops",
        "set": "photos",
        "of": 2,
        "counts": {"wrong": 1, "none": 0},
    }


def test_every_picture_has_a_pinned_source() -> None:
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    used = {
        source for sources in [*listed["sets"].values(), listed["groups"]] for source in sources
    }
    assert used == listed["sources"].keys()
    without_faces = [
        paths for name in ("fruit", "animals", "things") for paths in listed["sets"][name].values()
    ]
    assert sum(map(len, without_faces)) >= 200


def test_the_table_has_a_column_for_each_pack_and_leaves_out_what_was_not_measured() -> None:
    crops: Row = {
        "figure": "own-box crops",
        "set": "LFW",
        "of": 200,
        "counts": {"wrong": 1, "several": 2, "none": 0},
    }
    runs: Runs = {name: Run(machine=MACHINE, rows=[crops], cpu_ms={}) for name in ("old", "new")}
    lines = whole_faces(runs).splitlines()
    assert lines[0] == "| failures | old | new |"
    assert "| own-box crops, LFW | 3 of 200 (1.5 %) | 3 of 200 (1.5 %) |" in lines
    assert "| drawn heaps: stored |  |  |" in lines


def test_the_costs_are_by_task_and_pack() -> None:
    runs: Runs = {"open": Run(machine=MACHINE, rows=[], cpu_ms={"a crop": 51.4})}
    assert costs(runs).splitlines()[-1] == "| a crop | 51 |"
