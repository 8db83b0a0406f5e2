"""The world of `tests/world/populated.py`, in moto, for all of this folder."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests.world.account import REGION, make_table
from tests.world.populated import World


@pytest.fixture(scope="package")
def populated() -> Iterator[World]:
    with mock_aws():
        session = boto3.Session("testing", "testing", region_name=REGION)
        table = make_table(session.resource("dynamodb"))
        world = World.populated(table, session.client("s3"))
        assert world.original
        yield world


@pytest.fixture
def world(populated: World) -> World:
    populated.restored()
    return populated
