"""The short form of `make faults`: every scenario with a few faults, and every kind of fault.

The tests also compare the record and its page with the calls that the code makes today.
"""

import itertools

import pytest

from semblance.operations.table import OPERATIONS
from tests.faults import record, report
from tests.faults.kinds import KINDS
from tests.faults.network import Fault
from tests.faults.scenarios import BY_NAME, SCENARIOS
from tests.faults.trial import Stage
from tests.faults.world import World

STALE = "run `make faults`"
_TRIALS_EACH = 2


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.close()


@pytest.fixture(scope="module")
def kinds():
    """Endless repetition, so that each kind has its turn."""
    return itertools.cycle(KINDS)


def test_every_operation_is_tried():
    asked = {name.removeprefix("own key: ").partition(":")[0] for name in BY_NAME}
    assert asked - {"photo", "compactor"} == OPERATIONS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_no_fault_leaves_anything_lost_or_half_written(world, kinds, name):
    stage = Stage(world, BY_NAME[name])
    known = report.load()[name]
    assert sorted(map(record.name_of, stage.clean.sites)) == sorted(known), STALE
    for fault in _some(stage, kinds):
        outcome = stage.try_out(fault)
        assert outcome.holes == []
        there = known[record.name_of(fault.site)][str(fault.kind)]
        assert record.sign(outcome) == there, f"{fault}: {STALE}"


def test_the_record_has_every_kind_of_fault_and_no_hole():
    signs = {name: set() for name in map(str, KINDS)}
    for sites in report.load().values():
        for cells in sites.values():
            for kind, sign in cells.items():
                signs[kind].add(sign)
    assert all(signs.values()), signs
    assert record.HOLE not in set().union(*signs.values())


def test_the_page_shows_the_record():
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.in_page(page, report.load()), STALE
    assert list(report.load()) == [each.name for each in SCENARIOS], STALE


def _some(stage, kinds):
    """The next kinds, each at one of the calls that it can happen to."""
    for number in range(_TRIALS_EACH):
        for kind in itertools.islice(kinds, len(KINDS)):
            sites = [site for site in stage.clean.sites if kind.happens_to(site)]
            if sites:
                place = (number + len(stage.scenario.name)) % len(sites)
                yield Fault(sites[place], kind)
                break
