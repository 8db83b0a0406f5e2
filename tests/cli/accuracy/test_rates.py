"""Rates of faces whose answers are known: distributions, thresholds, intervals, doubtful pairs."""

import re

import numpy as np
import pytest

from semblance_cli.accuracy import distributions, doubtful, pairs, rates, wording
from semblance_cli.accuracy.measurement import Question, measure, similarity_of
from semblance_cli.accuracy.pairs import NO_PAIR
from semblance_cli.accuracy.rates import Rate
from tests.cli.accuracy.made import SCALE, at_angles, crowd, enrolled

# Genuine: 10 and 50 degrees (cosines 0.985, 0.643); impostor: 40, 90, 30, 80 (0.766, 0, 0.866,
# 0.174).
FOUR = {"ann": [0, 10], "bob": [40, 90]}


def faces(made):
    return pairs.faces_of(made)


def test_the_rates_at_a_threshold_are_shares_of_pairs():
    found = distributions.measure(faces(at_angles(FOUR)))
    assert (found.genuine.total, found.impostor.total) == (2, 4)
    assert [found.far_at(cosine) for cosine in (-1, 0.1, 0.5, 0.8, 0.9)] == [1, 0.75, 0.5, 0.25, 0]
    assert [found.tar_at(cosine) for cosine in (0.5, 0.8, 0.99)] == [1, 0.5, 0]


def test_the_threshold_for_a_rate_is_the_lowest_that_keeps_it():
    found = distributions.measure(faces(at_angles(FOUR)))
    assert found.threshold_at(0.25) == pytest.approx(np.cos(np.radians(40)), abs=0.001)
    assert found.far_at(found.threshold_at(0.25)) == 0.25
    assert found.threshold_at(0.3) == found.threshold_at(0.25)
    assert found.threshold_at(0.2) == pytest.approx(np.cos(np.radians(30)), abs=0.001)
    assert found.far_at(found.threshold_at(0.2)) == 0
    assert found.threshold_at(1) == -1


@pytest.mark.parametrize("block", [1, 7, 10_000])
def test_blocks_of_any_size_have_each_pair_once(block):
    made = faces(crowd(9, 4) + crowd(1, 11, seed=1, name="zoe"))
    cosines = made.embeddings @ made.embeddings.T
    others = np.triu(made.persons[:, None] != made.persons[None, :])
    found = [each.cosines[each.cosines != NO_PAIR] for each in pairs.impostor(made, block)]
    assert np.sort(np.concatenate(found)) == pytest.approx(np.sort(cosines[others]), abs=1e-6)
    own = np.triu(made.persons[:, None] == made.persons[None, :], 1)
    found = [each.cosines[each.cosines != NO_PAIR] for each in pairs.genuine(made)]
    assert np.sort(np.concatenate(found)) == pytest.approx(np.sort(cosines[own]), abs=1e-6)


def test_wilsons_interval_has_its_published_values():
    assert rates.wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert rates.wilson(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert rates.wilson(1, 10) == pytest.approx((0.7225, 1), abs=1e-4)
    assert rates.wilson(0, 0) == (0, 1)


def test_pairs_of_people_bound_the_rate_that_they_support():
    assert rates.supported(3_000_000) == 1e-6
    assert [rates.people_for(far) for far in (1e-3, 1e-4, 1e-5, 1e-6)] == [78, 246, 776, 2450]
    for far in (1e-3, 1e-5):
        enough = rates.people_for(far)
        assert rates.supported(enough * (enough - 1) // 2) <= far
        assert rates.supported((enough - 1) * (enough - 2) // 2) > far


def test_many_photos_of_few_people_do_not_make_an_interval_narrow():
    few, many = faces(crowd(5, 40, spread=0.1)), faces(crowd(100, 2, spread=0.1))
    (of_few,), (of_many,) = (rates.true_acceptance(each, [0.3]) for each in (few, many))
    assert of_few.pairs > 30 * of_many.pairs
    assert of_few.value == of_many.value == 1
    assert of_few.low == pytest.approx(rates.wilson(1, 5)[0])
    assert of_many.low == pytest.approx(rates.wilson(1, 100)[0])


def test_without_a_false_match_the_bound_counts_pairs_of_people():
    (rate,) = rates.false_acceptance(faces(crowd(20, 6)), [0.99])
    assert (rate.hits, rate.pairs) == (0, 190 * 36)
    assert (rate.low, rate.high) == pytest.approx(rates.wilson(0, 190))


def look_alikes(seed: int):
    """40 people with four photos; some of them resemble everybody a little, as faces do."""
    chance = np.random.default_rng(seed)
    common = np.ones(32) / np.sqrt(32)
    return enrolled(
        {
            f"p{number:02}": 6 * share * common
            + chance.standard_normal(32)
            + 0.3 * chance.standard_normal((4, 32))
            for number, share in enumerate(chance.beta(1, 4, 40))
        }
    )


@pytest.mark.slow
def test_the_interval_has_the_true_rate_as_often_as_it_says():
    """And that over pairs has it far less often, for people who have look-alikes."""
    found = [rates.false_acceptance(faces(look_alikes(seed)), [0.5])[0] for seed in range(200)]
    true = sum(rate.hits for rate in found) / sum(rate.pairs for rate in found)
    ours = sum(rate.low <= true <= rate.high for rate in found) / len(found)
    of_pairs = [rates.wilson(rate.value, rate.pairs) for rate in found]
    naive = sum(low <= true <= high for low, high in of_pairs) / len(found)
    assert ours >= 0.93
    assert naive < 0.6


def test_one_person_under_two_names_is_the_most_doubtful_pair():
    people = crowd(30, 3)
    twin = enrolled({"zoe": [np.frombuffer(people[4].template.embedding, "<f2")]})
    first, *_ = doubtful.too_alike(faces(people + twin), 0.5)
    assert {first.one, first.other} == {4, 90}
    assert first.cosine == pytest.approx(1, abs=1e-3)
    twins = [each for each in doubtful.too_alike(faces(people + twin), 0.3) if each.other == 90]
    assert len(twins) == len({each.one // 3 for each in twins}), "two people once"


def test_two_people_under_one_name_are_the_most_different():
    made = at_angles({"ann": [0, 5, 8], "bob": [20, 22, 150], "eve": [60, 75]})
    found = doubtful.too_different(faces(made), 0.9)
    assert [(each.one, each.other, each.pairs) for each in found] == [(3, 5, 2)]
    assert found[0].cosine == pytest.approx(np.cos(np.radians(130)), abs=1e-3)


def test_a_measurement_answers_at_the_usual_and_at_the_wanted_thresholds():
    people = crowd(60, 3)
    measured = measure(people, SCALE, Question(fars=(0.01, 1e-6), gallery=1000))
    assert [point.similarity for point in measured.points] == [80, 90, 95, 99]
    found = measured.distributions
    for point in measured.points:
        assert point.far.value == pytest.approx(found.far_at(point.cosine), abs=1e-9)
        assert point.tar.value == pytest.approx(found.tar_at(point.cosine), abs=1e-9)
        assert point.far.low <= point.far.value <= point.far.high
    shown, not_shown = measured.wanted
    assert shown.point is not None
    assert 0.009 < shown.point.far.value <= 0.01
    assert (not_shown.point, not_shown.people) == (None, 2450)
    assert [wanted.far for wanted in measured.for_gallery] == [1e-3, 1e-4, 1e-5]
    assert len(measured.curve) == 99 + 9


def test_two_people_show_next_to_nothing():
    measured = measure(at_angles({"ann": [0], "bob": [80]}), SCALE, Question(fars=(0.01,)))
    assert measured.distributions.pairs_of_people == 1
    point = measured.points[0]
    assert (point.far.hits, point.far.pairs) == (0, 1)
    assert point.far.high == pytest.approx(rates.wilson(0, 1)[1])
    assert point.tar.pairs == 0
    assert np.isnan(point.tar.value)
    assert measured.wanted[0].point is None
    assert measured.lowest_far == measured.lowest_firm_far == 1


def test_each_group_has_rates_of_its_own_people():
    better = crowd(40, 2, spread=0.3, seed=4, name="a")
    worse = crowd(40, 2, spread=2.5, seed=3, name="b")
    group_of = {e.photo.person: "good" for e in better} | {e.photo.person: "bad" for e in worse}
    measured = measure(better + worse, SCALE, Question(group_of=group_of))
    bad, good = measured.groups
    assert [(group.name, group.people, group.people_with_pairs) for group in (bad, good)] == [
        ("bad", 40, 40),
        ("good", 40, 40),
    ]
    assert good.points[0].far.pairs == bad.points[0].far.pairs == 40 * 39 // 2 * 4
    assert good.points[0].tar.low > bad.points[0].tar.high
    said = wording.fairness(measured.groups)
    differs = (
        r"At 80 the TAR differs beyond chance: .+ % \(.*\) for bad, 100\.0 % \(.*\) for good\."
    )
    assert any(re.fullmatch(differs, line) for line in said), said


def test_groups_that_do_not_differ_are_not_said_to_be_equal():
    people = crowd(80, 2)
    group_of = {e.photo.person: "ab"[int(e.photo.person[-1]) % 2] for e in people}
    (line,) = wording.fairness(measure(people, SCALE, Question(group_of=group_of)).groups)
    assert "these photos show no difference. That is no proof that there is none" in line


def test_a_group_of_few_people_is_not_compared():
    people = crowd(45, 2)
    group_of = {e.photo.person: "few" if e.photo.person < "person-0010" else "many" for e in people}
    small, nothing = wording.fairness(measure(people, SCALE, Question(group_of=group_of)).groups)
    assert small.startswith("few: 10 people, 10 of them with two photos or more. These numbers are")
    assert nothing.endswith("nothing can be said about fairness.")


def test_a_rate_in_words_has_its_interval_or_its_bound():
    assert wording.far(Rate(0, 4, 0, 0.49)) == "below 0.49"
    assert wording.far(Rate(3, 60_000, 1.7e-5, 1.5e-4)) == "5.0e-5 (1.7e-5 to 1.5e-4)"
    assert wording.tar(Rate(999, 1000, 0.9943, 0.9998)) == "99.9 % (99.4 % to 99.9 %)"
    assert wording.tar(Rate(0, 0, 0, 1)) == "no pairs"
    assert wording.false_matches(Rate(3, 60_000, 1.7e-5, 1.5e-4), 1000) == "0.05 (0.017 to 0.15)"


@pytest.mark.parametrize(
    ("cosine", "similarity"), [(0.4, 80), (0.40001, 80.01), (0.999, 99.997), (1, 100), (-1, 0)]
)
def test_a_threshold_is_rounded_to_the_safe_side(cosine, similarity):
    assert similarity_of(SCALE, cosine) == similarity
