"""Requests drawn from the service model, in their hundreds: nothing that a caller can send is
answered with a fault, with a reply that the model does not know, or with an error that it does not
list for the operation; and what is refused leaves no trace."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tests.contract.ill_formed import IllFormed, ill_formed, one_breach_each, truncated
from tests.contract.replies import assert_is_reply
from tests.contract.well_formed import of, valid
from tests.world.populated import World

FEW, MANY = 6, 80
NOT_OF_A_REQUESTS_MAKING = {
    "AccessDeniedException",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
}
READS = ("Compare", "Describe", "Detect", "List", "Search")
NOT_JSON_OBJECTS = (
    "null", "[]", '"text"', "5", "true", "{", "}", "{'a': 1}", '{"a": 1e999', "NaN",
    '{"Unheard": NaN}', '{"Unheard": [-Infinity]}',
)  # fmt: skip

examples = pytest.mark.parametrize(
    "examples", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"]
)
every_operation = pytest.mark.parametrize("name", OPERATIONS)


def for_all(examples: int, strategy: st.SearchStrategy[Any]) -> Any:
    """The world is restored by each example itself, so that they may share the fixture."""
    cases = settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.nested_given],
    )
    return lambda check: cases(given(strategy)(check))()


def listed(name: str) -> set[str]:
    return {error.name for error in shapes.operation(name).error_shapes}


@pytest.mark.slow
@examples
@every_operation
def test_a_valid_request_is_answered_or_refused_as_the_model_says(world, name, examples):
    expected = listed(name) - NOT_OF_A_REQUESTS_MAKING

    @for_all(examples, valid(name, world))
    def check(request):
        status, reply = world.call(name, request)
        changed = world.restored()
        if status == 200:
            assert_is_reply(name, reply)
            assert not (changed and name.startswith(READS))
        else:
            assert (status, reply["__type"] in expected) == (400, True), reply
            assert not changed


def test_a_pattern_that_no_pool_knows_is_kept():
    """So that a new operation need not list its shapes."""
    project = shapes.operation("CreateProject").input_shape.members["ProjectName"]

    @for_all(FEW, of(project, None))
    def check(name):
        assert re.fullmatch(project.metadata["pattern"], name)
        assert project.metadata["min"] <= len(name) <= project.metadata["max"]


@pytest.mark.slow
@every_operation
def test_among_the_valid_requests_are_some_that_succeed(world, name):
    def succeeds(request):
        status, _ = world.call(name, request)
        world.restored()
        return status == 200

    cases = settings(max_examples=500, deadline=None, database=None, phases=[Phase.generate])
    find(valid(name, world), succeeds, settings=cases)


@pytest.mark.slow
@examples
def test_after_any_valid_requests_the_counts_are_right(world, examples):
    """By one service, which remembers what it has read."""
    steps = st.sampled_from(list(OPERATIONS)).flatmap(
        lambda name: st.tuples(st.just(name), valid(name, world))
    )

    @for_all(examples, st.lists(steps, min_size=2, max_size=12))
    def check(requests):
        service = world.service()
        replies = [(name, *world.call(name, body, service)) for name, body in requests]
        counts = [counted(world, collection_id) for collection_id in remaining(world)]
        world.restored()
        for name, status, reply in replies:
            assert status == 200 or reply["__type"] in listed(name) - NOT_OF_A_REQUESTS_MAKING
        for told, found in counts:
            assert told == found


def remaining(world: World) -> list[str]:
    return world.call("ListCollections", {})[1]["CollectionIds"]


def counted(world: World, collection_id: str) -> tuple[tuple[int, int], tuple[int, int]]:
    scope = {"CollectionId": collection_id}
    told = world.call("DescribeCollection", scope)[1]
    faces = world.call("ListFaces", scope)[1]["Faces"]
    users = world.call("ListUsers", scope)[1]["Users"]
    return (told["FaceCount"], told["UserCount"]), (len(faces), len(users))


@pytest.mark.slow
@examples
@every_operation
def test_a_request_that_breaks_the_model_is_told_in_how_many_places(world, name, examples):
    @for_all(examples, ill_formed(name, world))
    def check(request):
        assert_refused(world, name, request)
        assert not world.restored()


@pytest.mark.slow
@every_operation
def test_each_breach_alone_is_told(world, name):
    """Without chance: nothing that is known to be wrong goes untried."""
    for request in one_breach_each(name):
        assert_refused(world, name, request)
    assert not world.restored()


@pytest.mark.slow
def test_the_least_integer_is_a_breach_and_no_other_type(world):
    body = json.dumps({"MaxResults": -(2**31)})
    expected = IllFormed(body, frozenset({"ValidationException"}), ("maxResults",))
    assert_refused(world, "ListCollections", expected)


@pytest.mark.slow
@every_operation
def test_a_body_cut_short_is_refused(world, name):
    @for_all(FEW, truncated(name, world))
    def check(body):
        assert_refused(world, name, no_json(body))

    assert not world.restored()


@pytest.mark.slow
@every_operation
def test_a_body_that_is_no_json_object_is_refused(world, name):
    for body in NOT_JSON_OBJECTS:
        assert_refused(world, name, no_json(body))
    assert not world.restored()


def no_json(body: str) -> IllFormed:
    return IllFormed(body, frozenset({"SerializationException"}), ())


def assert_refused(world: World, name: str, request: IllFormed) -> None:
    status, reply = world.call(name, request.body)
    assert status == 400, reply
    assert reply["__type"] in request.codes, reply
    if request.places:
        assert_told(reply["message"], request.places)


def assert_told(message: str, places: tuple[str, ...]) -> None:
    count = len(places)
    assert message.startswith(f"{count} validation error{'s' * (count > 1)} detected: ")
    assert message.count("failed to satisfy constraint: Member must ") == count
    for place in places:
        assert re.search(rf"at '{re.escape(place)}", message), f"{place}: {message}"
