"""`semblance compact`: its events for the function, and its summary of the answers."""

import pytest

from semblance_cli import main as cli

pytestmark = pytest.mark.slow  # each of them has a cloud of its own


@pytest.fixture
def asked(api, s3):
    """The events that the compactor got; it finds nothing to do."""
    events = []

    def compactor(event):
        events.append(event)
        return run()

    api.compactor = compactor
    api.outputs = {"CompactorFunction": "the-compactor"}
    return events


@pytest.fixture
def compact(asked, capsys):
    """A function: the status, and all that was printed."""

    def call(*options):
        status = cli.main(["compact", "--stack", "Faces", *options])
        out, err = capsys.readouterr()
        return status, out + err

    return call


def run(**changes):
    nothing = {"Compacted": [], "Left": [], "Failed": [], "Erased": 0, "Erasing": 0}
    return {**nothing, **changes}


def done(collection, **changes):
    nothing = {"retired": 0, "scrubbed": 0, "expired": 0, "counts": "right", "snapshot_faces": None}
    return {"collection": collection, **nothing, "snapshot_bytes": None, "seconds": 0.1, **changes}


def test_all_collections_are_compacted_unless_one_is_named(asked, compact):
    assert compact()[0] == 0
    assert compact("staff")[0] == 0
    assert asked == [{}, {"CollectionId": "staff"}]


def test_the_function_can_be_named_when_the_stack_cannot_be_read(asked, compact, api):
    api.outputs = {}
    assert compact("--function", "the-compactor")[0] == 0
    assert asked == [{}]


def test_the_work_done_is_printed(compact, api):
    api.compactor = lambda event: run(
        Compacted=[
            done("staff", snapshot_faces=12345, snapshot_bytes=2_185_065, scrubbed=7),
            done("guests", counts="corrected"),
        ],
        Erased=1,
        Erasing=2,
    )
    status, said = compact()
    assert status == 0
    lines = [line.split() for line in said.splitlines()]
    assert ["staff", "12,345", "faces,", "2.2", "MB", "right", "0", "7", "0", "0.1"] in lines
    assert ["guests", "-", "corrected", "0", "0", "0", "0.1"] in lines
    assert "1 deleted collection swept for good." in said
    assert "2 deleted collections swept" in said


def test_the_reason_for_not_counting_is_printed(compact, api):
    api.compactor = lambda event: run(Compacted=[done("staff", counts=None)])
    assert "stored there in the last 16 minutes" in compact()[1]


def test_collections_left_by_a_run_are_compacted_by_name(compact, api):
    events = []

    def compactor(event):
        events.append(event)
        if not event:
            return run(Compacted=[done("a")], Left=["b", "c"])
        return run(Compacted=[done(event["CollectionId"])])

    api.compactor = compactor
    status, said = compact()
    assert status == 0
    assert events == [{}, {"CollectionId": "b"}, {"CollectionId": "c"}]
    assert {line.split()[0] for line in said.splitlines() if "right" in line} == {"a", "b", "c"}


def test_a_collection_that_takes_too_long_is_a_failure(compact, api):
    api.compactor = lambda event: run(Left=["staff"])
    status, said = compact("staff")
    assert (status, "Failed: staff: takes too long" in said) == (1, True)


def test_failures_are_printed(compact, api):
    failures = [{"What": "staff", "Error": "ClientError: AccessDenied"}]
    api.compactor = lambda event: run(Compacted=[done("guests")], Failed=failures)
    status, said = compact()
    assert (status, "Failed: staff: ClientError: AccessDenied" in said) == (1, True)


def test_a_missing_collection_is_named(compact, api):
    message = "The collection id: nobody does not exist"
    error = {"Code": "ResourceNotFoundException", "Message": message}
    api.compactor = lambda event: {"Error": error}
    assert compact("nobody") == (2, f"Error: {message}\n")


def test_a_function_that_died_is_reported(compact, api):
    def die(event):
        raise RuntimeError("Task timed out after 900.00 seconds")

    api.compactor = die
    status, said = compact()
    assert status == 2
    assert "Task timed out after 900.00 seconds" in said
    assert "Its finished work stays done" in said


def test_a_stack_of_something_else_is_refused(compact, api):
    api.outputs = {"Another": "thing"}
    status, said = compact()
    assert (status, "no output CompactorFunction: is it Semblance's" in said) == (2, True)
