"""The caller of a request, from the event that API Gateway sends."""

import pytest

from functions import api
from functions.runtime.callers import checked_by_the_gateway
from semblance.access.caller import Caller
from tests.world.service import proxy_event

USER = "arn:aws:iam::123456789012:user/ann"


@pytest.mark.parametrize(
    ("identity", "arn"), [({"userArn": USER}, USER), ({"userArn": None}, None), ({}, None)]
)
def test_the_caller_is_the_identity_that_the_gateway_has_authenticated(service, identity, arn):
    event = proxy_event({"X-Amz-Target": "RekognitionService.ListCollections"}, "{}")
    event["requestContext"]["identity"] = {"sourceIp": "192.0.2.1", **identity}
    seen = api.Seen()
    assert api.answer(event, lambda: service, seen, checked_by_the_gateway).status == 200
    assert seen.caller == Caller(arn=arn)


@pytest.mark.parametrize(
    ("operations", "collections", "operation", "collection", "may"),
    [
        (["*"], ["*"], "SearchFaces", "staff", True),
        (["Search*"], ["*"], "SearchFaces", "staff", True),
        (["Search*"], ["*"], "ListFaces", "staff", False),
        (["ListFaces"], ["*"], "listfaces", "staff", False),
        (["*"], ["door-?"], "SearchFaces", "door-1", True),
        (["*"], ["door-?"], "SearchFaces", "door-12", False),
        (["*"], ["door"], "SearchFaces", "door-1", False),
        (["*"], ["a", "door-*"], "SearchFaces", "door-", True),
        (["*"], ["Door*"], "SearchFaces", "door-1", False),
        (["*"], ["d.or"], "SearchFaces", "door", False),
        (["*"], ["[a-z]*"], "SearchFaces", "door", False),
        (["*"], [], "SearchFaces", "door", False),
        ([], ["*"], "SearchFaces", "door", False),
        (["DetectFaces"], [], "DetectFaces", None, True),
        (["ListFaces"], ["*"], "DetectFaces", None, False),
    ],
)
def test_a_caller_may_do_only_what_its_patterns_allow(
    operations, collections, operation, collection, may
):
    caller = Caller(operations=tuple(operations), collections=tuple(collections))
    assert caller.may(operation, collection) is may
