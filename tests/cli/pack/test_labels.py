"""People with two names: left out when both embedders say so, and only then."""

from pathlib import Path

import numpy as np
import pytest

from semblance.embedding.codec import pack
from semblance_cli.accuracy.people import Photo
from semblance_cli.pack import labels
from semblance_cli.problems import CommandError
from tests.cli.pack.made import crowd

pytestmark = pytest.mark.slow

SURE = 0.6


@pytest.fixture
def split():
    """A person whose third photo, which is much like the second, has the name `other`."""
    units, faces = crowd(60, 3, spread=0.3)
    units[2] = units[1]
    faces[2] = faces[2]._replace(beside=faces[1].beside)
    faces[2] = faces[2]._replace(photo=Photo("other/1.jpg", Path("other/1.jpg"), "other"))
    order = sorted(range(len(faces)), key=lambda place: faces[place].photo.person)
    return units[order], [faces[place] for place in order]


def test_the_name_with_fewer_photos_is_left_out(split):
    units, faces = split
    kept, (twice,) = labels.twice_named(faces, units, SURE)
    assert [face.photo.person for face, stays in zip(faces, kept, strict=True) if not stays] == [
        "other"
    ]
    assert twice.left_out == "other/1.jpg"
    assert twice.like.startswith("person-00000/")


def test_people_that_one_embedder_alone_takes_for_another_stay(split):
    units, faces = split
    chance = np.random.default_rng(0)
    unsure = [
        face._replace(beside=pack(chance.standard_normal(128).astype(np.float32))) for face in faces
    ]
    kept, twice = labels.twice_named(unsure, units, SURE)
    assert kept.all()
    assert twice == []


def test_right_labels_are_left_alone():
    units, faces = crowd(60, 3)
    kept, twice = labels.twice_named(faces, units, SURE)
    assert kept.all()
    assert twice == []


def test_labels_that_are_mostly_wrong_are_refused():
    units, faces = crowd(60, 2, spread=0.1)
    wrong = [
        face._replace(photo=Photo(face.photo.file, face.photo.path, f"name-{place:03}"))
        for place, face in enumerate(faces)
    ]
    wrong[1] = wrong[1]._replace(photo=wrong[0].photo)
    with pytest.raises(CommandError, match="Put the labels right first"):
        labels.twice_named(wrong, units, SURE)
