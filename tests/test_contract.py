"""The code's tables against their source of truth: the service model that botocore ships."""

import os
import subprocess
import sys
from dataclasses import fields
from http import HTTPStatus

import pytest
from botocore.loaders import Loader

from semblance import errors
from semblance.contract.settings import Settings
from semblance.operations.table import OPERATIONS
from semblance.protocol import shapes

MODEL = Loader().load_service_model("rekognition", "service-2")


def all_errors(root=errors.ServiceError):
    for error in root.__subclasses__():
        yield error
        yield from all_errors(error)


def of_the_model():
    return [
        error
        for error in all_errors()
        if error is not errors.ProtocolError and not issubclass(error, errors.ProtocolError)
    ]


@pytest.mark.parametrize("error", of_the_model(), ids=lambda error: error.__name__)
def test_every_error_is_one_of_the_models_with_its_status(error):
    shape = MODEL["shapes"][error("").code]
    assert shape["exception"]
    is_fault = shape.get("fault", False)
    expected = HTTPStatus.INTERNAL_SERVER_ERROR if is_fault else HTTPStatus.BAD_REQUEST
    assert error.status == expected


@pytest.mark.parametrize("error", list(all_errors()), ids=lambda error: error.__name__)
def test_only_transient_errors_have_a_retryable_status(error):
    assert error.transient or error.status == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_one_of_the_models(name):
    assert shapes.operation(name).name == name


@pytest.mark.parametrize("module", ["functions.api", "functions.worker"])
def test_importing_a_handler_imports_neither_onnxruntime_nor_pillow(module):
    program = f"import {module}, sys; sys.exit(bool({{'onnxruntime', 'PIL'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.slow
def test_an_operation_without_pictures_loads_no_picture_library():
    named = dict.fromkeys((field.name for field in fields(Settings)), "semblance")
    settings = Settings(**named | {"model_pack": "open", "auth": "none"})
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    place = {"AWS_DEFAULT_REGION": "eu-west-1", "POWERTOOLS_SERVICE_NAME": "Semblance-api"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.world.without_pictures"],
        env=os.environ | settings.to_env() | credentials | place,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "loaded:"
