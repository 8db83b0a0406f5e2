"""Each operation has its specimen, and each specimen is complete."""

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import pytest

import tools.specimens
from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tools.specimens import SPECIMENS
from tools.specimens.specimen import NOBODY, Request, Specimen, Stage

OF_EVERY_OPERATION = {
    "AccessDeniedException": "the gateway's reply: test_a_stranger_is_denied tries it",
    "InternalServerError": "a bug or an outage, not a request",
    "ThrottlingException": "when DynamoDB is busy",
    "ProvisionedThroughputExceededException": "when AWS is busy",
}
"""Errors that no specimen names, with the reasons."""


@dataclass(frozen=True)
class Sketch:
    """A stage on which nothing runs: any call succeeds, and requests can be made and looked at."""

    collection: str = "staff"
    arn: str = "arn:aws:rekognition:us-east-1:000000000000:collection/staff"
    obama: str = NOBODY
    biden: str = NOBODY.replace("8", "9")

    @property
    def here(self) -> Request:
        return {"CollectionId": self.collection}

    @property
    def barack(self) -> Request:
        return self.here | {"UserId": "barack"}

    def call(self, operation: str, *_: Any, **request: Any) -> dict[str, Any]:
        shapes.parse_request(operation, request)
        return {"NextToken": "made-up", "FaceRecords": [{"Face": {"FaceId": NOBODY}}]}

    def inline(self, photo: str) -> Request:
        return {"Bytes": "RkFLRQ=="}

    def stored(self, name: str, *, version: bool = False) -> Request:
        which = {"Version": "1"} if version else {}
        return {"S3Object": {"Bucket": "bucket", "Name": name, **which}}

    def elsewhere(self) -> Request:
        return {"CollectionId": "elsewhere"}

    def new_user(self) -> Request:
        return self.elsewhere() | {"UserId": "somebody"}


SKETCH: Stage = Sketch()

each_specimen = pytest.mark.parametrize("specimen", SPECIMENS.values(), ids=list(SPECIMENS))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_a_specimen(operation):
    assert operation in SPECIMENS, f"{operation} has no module in tools/specimens/"


@each_specimen
def test_a_specimen_is_of_an_operation(specimen: Specimen):
    name = specimen.operation
    assert name in OPERATIONS, f"tools/specimens/{specimen.method}.py: {name} is not answered"


@each_specimen
def test_a_module_has_the_name_of_its_operation(specimen: Specimen):
    assert getattr(tools.specimens, specimen.method).SPECIMEN is specimen


@each_specimen
def test_every_request_is_within_the_model(specimen: Specimen):
    """Only the service's state decides whether it succeeds."""
    makers = [specimen.sound, *(each.request for each in (*specimen.examples, *specimen.plays))]
    for make in makers:
        shapes.parse_request(specimen.operation, make(SKETCH))


@each_specimen
def test_every_member_of_a_request_is_used(specimen: Specimen):
    used = {member for example in specimen.examples for member in example.request(SKETCH)}
    assert used == set(shapes.operation(specimen.operation).input_shape.members)


@each_specimen
def test_every_error_of_the_model_is_provoked_or_excused(specimen: Specimen):
    listed = {error.name for error in shapes.operation(specimen.operation).error_shapes}
    assert specimen.errors.keys() == listed - OF_EVERY_OPERATION.keys()
    assert OF_EVERY_OPERATION.keys() <= listed


@each_specimen
def test_what_every_reply_has_is_in_the_model(specimen: Specimen):
    shape = shapes.operation(specimen.operation).output_shape
    assert specimen.always <= set(shape.members if shape else ())


@each_specimen
def test_an_operation_has_examples_and_is_tried_with_faults(specimen: Specimen):
    assert specimen.examples
    assert specimen.faults
    assert specimen.faults[0].about == "", "the first is the usual request"


def test_the_commands_have_an_order():
    assert {name for each in SPECIMENS.values() for name in each.command.after} <= SPECIMENS.keys()
    TopologicalSorter({name: each.command.after for name, each in SPECIMENS.items()}).prepare()
