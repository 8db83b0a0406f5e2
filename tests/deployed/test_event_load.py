"""The load check's short form; `python -m tests.load.event_load` is the long one."""

import pytest

from tests.load import event_load
from tests.schemas import assert_is_event

PHOTOS = 40


@pytest.fixture(scope="module")
def dropped(deployment):
    return event_load.run(deployment, "event-load", photos=PHOTOS, timeout_seconds=120)


def test_every_photo_counts_once_among_duplicates_poison_and_faults(dropped):
    report, _ = dropped
    assert report.problems == []
    assert report.outcomes.keys() == {"FacesIndexed", "FacesSearched", "ImageRejected"}
    assert len(report.dead_letters) == 1


def test_every_event_fits_its_published_schema(dropped):
    _, events = dropped
    assert len(events) == PHOTOS - 1
    for event in events:
        assert_is_event(event)
