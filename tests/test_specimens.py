"""Each operation has its specimen, and each specimen is complete."""

from graphlib import TopologicalSorter

import pytest

import tools.specimens
from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes
from tools.specimens import SPECIMENS
from tools.specimens.specimen import Specimen

OF_EVERY_OPERATION = {
    "AccessDeniedException": "the gateway's: test_a_stranger_is_denied tries it",
    "InternalServerError": "a bug or an outage, which no request can bring about",
    "ThrottlingException": "when DynamoDB is busy",
    "ProvisionedThroughputExceededException": "when AWS is busy",
}
"""Errors that no specimen names, with the reasons."""

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
def test_no_error_of_the_model_goes_without_a_word(specimen: Specimen):
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
