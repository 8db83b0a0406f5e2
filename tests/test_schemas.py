"""The published schemas are valid, and refuse anything that they do not describe."""

import copy
import re
from dataclasses import fields

import pytest
from jsonschema import Draft202012Validator, ValidationError

from functions.runtime import audit
from semblance import errors
from semblance.photos import processing
from semblance.protocol import shapes
from tests.schemas import SCHEMAS, assert_is_event, assert_is_result
from tools.checkout import CHECKOUT

IMAGE = {"Bucket": "b", "Name": "search/staff/a", "Version": "1"}
REJECTED = {
    "Outcome": "ImageRejected",
    "Image": IMAGE,
    "Error": {"Code": "InvalidImageFormatException", "Message": "no"},
}
EVENT = {
    "source": "semblance",
    "detail-type": "FacesIndexed",
    "detail": {
        "Image": IMAGE,
        "CollectionId": "staff",
        "FaceModelVersion": "7.0",
        "FaceRecords": [],
        "UnindexedFaces": [],
        "Result": {"Bucket": "r", "Name": "results/search/staff/a.json"},
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_published_schema_is_a_valid_json_schema(name):
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    "change",
    [{"Outcome": "FacesSearched"}, {"Vector": [0.1]}, {"Image": {"Name": "a"}}, {"Error": {}}],
)
def test_a_result_of_another_shape_is_refused(change):
    assert_is_result(REJECTED)
    with pytest.raises(ValidationError):
        assert_is_result(REJECTED | change)


@pytest.mark.parametrize("lacking", ["FaceRecords", "UnindexedFaces", "Result", "Image"])
def test_an_event_that_lacks_a_field_is_refused(lacking):
    assert_is_event(EVENT)
    event = copy.deepcopy(EVENT)
    del event["detail"][lacking]
    with pytest.raises(ValidationError):
        assert_is_event(event)


def test_a_truncated_event_has_no_lists():
    event = copy.deepcopy(EVENT)
    event["detail"]["Truncated"] = True
    with pytest.raises(ValidationError):
        assert_is_event(event)
    del event["detail"]["FaceRecords"], event["detail"]["UnindexedFaces"]
    assert_is_event(event)


def test_a_line_of_the_audit_trail_has_the_fields_that_are_documented_and_no_other():
    line = SCHEMAS["audit.json"]
    assert list(line["properties"]) == [field.name for field in fields(audit.Line)]
    assert line["required"] == list(line["properties"])
    assert line["additionalProperties"] is False


def test_reasons_are_those_of_the_service_model():
    assert SCHEMAS["result.json"]["$defs"]["Reason"]["enum"] == list(
        shapes.service_model().shape_for("Reason").enum
    )


def test_the_schema_accepts_every_error_code_of_the_service():
    pattern = SCHEMAS["result.json"]["$defs"]["Error"]["properties"]["Code"]["pattern"]
    codes = [name for name, each in vars(errors).items() if isinstance(each, type)]
    assert all(re.fullmatch(pattern, code) for code in codes)


def test_the_documentation_names_every_outcome_and_option():
    page = (CHECKOUT / "docs/events.md").read_text(encoding="utf-8")
    for name in (processing.SEARCHED, processing.INDEXED, processing.REJECTED, *processing.OPTIONS):
        assert f"`{name}`" in page
