"""The operating system kills functions while they index faces: no acknowledged face is lost."""

import os
import random
import signal
from pathlib import Path
from threading import Timer

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from semblance.client import sign_for_api_gateway
from semblance.contract.layout import result_name
from tests.deployed.results import TIMEOUT_S, awaited
from tests.load.drops import portrait
from tools.local import waiting

CALLS, DROPPED = 16, 12
TRIES = 20
_TRIED_FOR_SECONDS = 20
"""Instead of the two minutes for which a killed worker's photo stays locked."""


@pytest.fixture
def quick_retries(deployment):
    """The visibility timeout and the worker's lock last seconds instead of minutes."""
    functions, sqs = deployment.client("lambda"), deployment.client("sqs")
    name, queue = deployment.outputs["WorkerFunction"], deployment.outputs["QueueUrl"]
    usual = functions.get_function_configuration(FunctionName=name)["Timeout"]
    hidden = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])

    def wait(timeout, visibility):
        functions.update_function_configuration(FunctionName=name, Timeout=timeout)
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(visibility)})

    wait(_TRIED_FOR_SECONDS, _TRIED_FOR_SECONDS + 2)
    yield
    wait(usual, hidden["Attributes"]["VisibilityTimeout"])


@pytest.fixture
def kill(deployment):
    """A function that kills all processes of a Lambda function and returns their number."""

    def kill(name):
        found = list(processes(deployment.emulator.pid, deployment.outputs[name]))
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return len(found)

    return kill


def test_faces_acknowledged_while_functions_were_killed_are_stored(
    deployment, s3, rekognition, collection, quick_retries, kill
):
    dice = random.Random(8)  # noqa: S311
    photos = {f"index/{collection}/{n}.jpg": portrait(dice) for n in range(DROPPED)}
    for key, content in photos.items():
        s3.put_object(Bucket=deployment.input_bucket, Key=key, Body=content)
    first_result(s3, deployment, photos)
    assert kill("WorkerFunction")
    acknowledged, deleted = set(), set()
    for number in range(CALLS):
        moment = Timer(dice.uniform(0, 0.3), kill, ["ApiFunction"])
        if number % 3 == 1:
            moment.start()
        reply = index(deployment, collection, portrait(dice))
        faces = [record["Face"]["FaceId"] for record in reply["FaceRecords"]]
        acknowledged.update(faces)
        if number % 4 == 3:
            until_answered(rekognition.delete_faces, CollectionId=collection, FaceIds=faces)
            deleted.update(faces)
    results = [awaited(s3, deployment, key, seconds=90) for key in photos]
    dropped = {r["Face"]["FaceId"] for result in results for r in result["FaceRecords"]}
    listed = [face["FaceId"] for face in rekognition.list_faces(CollectionId=collection)["Faces"]]
    assert len(dropped) >= DROPPED
    assert len(listed) == len(set(listed))
    assert set(listed) == (acknowledged - deleted) | dropped
    assert found(rekognition, collection, listed[0]) == set(listed[1:])


def first_result(s3, deployment, photos):
    """Waits for the first result; by then the worker has begun with the other photos."""
    names = {result_name(key) for key in photos}

    def answered():
        there = s3.list_objects_v2(Bucket=deployment.results_bucket, Prefix="results/index/")
        return names & {each["Key"] for each in there.get("Contents", ())}

    waiting.first(answered, seconds=TIMEOUT_S, name="a result")


def index(deployment, collection, picture):
    """Indexes with a client that does not retry by itself."""
    once = Config(retries={"total_max_attempts": 1}, read_timeout=20)
    client = sign_for_api_gateway(deployment.client("rekognition", config=once))
    return until_answered(client.index_faces, CollectionId=collection, Image={"Bytes": picture})


def found(rekognition, collection, face_id):
    everybody = {"FaceMatchThreshold": 0, "MaxFaces": 4096}
    reply = rekognition.search_faces(CollectionId=collection, FaceId=face_id, **everybody)
    matches = [match["Face"]["FaceId"] for match in reply["FaceMatches"]]
    assert len(matches) == len(set(matches))
    return set(matches)


def until_answered(call, **request):
    """Retries as a persistent client would."""
    for _ in range(TRIES):
        try:
            return call(**request)
        except BotoCoreError as error:
            last = error
        except ClientError as error:
            last = error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
    pytest.fail(f"no answer in {TRIES} tries: {last}")


def processes(emulator, function):
    """The emulator's child processes that run this function."""
    name = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            told = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # the process has ended in the meantime
        if int(parent) == emulator and name in told:
            yield int(process.name)
