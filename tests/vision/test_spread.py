"""Work spread over threads: the same results in the same order, however long each one takes."""

import threading
from itertools import islice

import pytest

from semblance.vision.finding.spread import Spread


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_order(threads: int) -> None:
    spread = Spread(threads)
    assert list(spread.map(lambda item: item * 2, range(40))) == list(range(0, 80, 2))
    assert list(spread.map(str, [])) == []
    assert list(spread.map(str, [7])) == ["7"]


def test_two_threads_work_on_two_items_at_a_time() -> None:
    both = threading.Barrier(2, timeout=60)
    assert list(Spread(2).map(lambda item: (both.wait(), item)[1], [1, 2])) == [1, 2]


def test_the_first_item_may_finish_last() -> None:
    second_is_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_is_done.wait(60)
        if item == 1:
            second_is_done.set()
        return item

    assert list(Spread(2).map(work, [0, 1, 2])) == [0, 1, 2]


@pytest.mark.parametrize(("threads", "begun"), [(1, 1), (2, 3)])
def test_taking_the_first_result_does_not_start_every_item(threads: int, begun: int) -> None:
    seen = []
    results = Spread(threads).map(lambda item: seen.append(item) or item, range(50))
    assert list(islice(results, 1)) == [0]
    results.close()
    assert len(seen) <= begun


@pytest.mark.parametrize("threads", [1, 3])
def test_an_exception_is_raised_in_place_of_its_result(threads: int) -> None:
    results = Spread(threads).map(lambda item: 1 / item, [2, 1, 0, 4])
    assert [next(results), next(results)] == [0.5, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
