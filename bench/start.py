"""A cold start: answers for one picture and prints the time since its process was started.

`python -m bench.start <program> <picture>`.
"""

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypedDict

COLLECTION = "everybody"
STARTED = "BENCH_STARTED"
CONTEXT: Any = SimpleNamespace(aws_request_id="of-lambda", function_name="api")


class Taken(TypedDict):
    ms: float
    cpu_ms: float


class TakenByStep(TypedDict):
    ms: dict[str, float]
    cpu_ms: dict[str, float]


def semblance(picture: Path) -> Taken:
    """Import the handler's module and call the handler, as Lambda does."""
    from functions import api

    reply = api.handler(search(picture), CONTEXT)
    assert reply["statusCode"] == 200, reply
    return _answered()


def step_by_step(picture: Path) -> TakenByStep:
    """The same start in single steps, each with its time; their sum is slightly more."""
    steps = Steps()
    done = steps.done
    done("python")
    import boto3  # noqa: F401  (its import is timed)

    done("import boto3")
    import aws_lambda_powertools  # noqa: F401  (its import is timed)

    done("import Powertools")
    import numpy as np  # noqa: F401  (its import is timed)

    done("import numpy")
    from functions import api
    from functions.runtime import bootstrap

    done("import our own")
    service = bootstrap.service()
    done("service model and AWS clients")
    collection = service.collections.get(COLLECTION)
    done("first read of the table")
    import onnxruntime  # noqa: F401  (its import is timed)
    import PIL.Image  # noqa: F401  (its import is timed)

    done("import onnxruntime and Pillow")
    content = picture.read_bytes()
    (probe,) = service.engine.embed(service.engine.find_faces(content, largest_only=True))
    done("models loaded, first picture")
    service.engine.embed(service.engine.find_faces(content, largest_only=True))
    done("(of which the picture: once more)")
    service.gallery.candidates(collection.uid, probe, floor=0.365, limit=80)
    done("collection loaded and scanned")
    reply = api.handler(search(picture), CONTEXT)
    assert reply["statusCode"] == 200, reply
    done("(a whole call, warm)")
    return {"ms": steps.wall, "cpu_ms": steps.cpu}


class Steps:
    """Milliseconds since the step before: wall clock and processor time."""

    def __init__(self) -> None:
        self.wall: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    def done(self, step: str) -> None:
        self.wall[step] = _since_start() - sum(self.wall.values())
        self.cpu[step] = time.process_time() * 1000 - sum(self.cpu.values())


def insightface(picture: Path) -> Taken:
    """Import, models, picture, and a plain numpy search of the same faces in 512 float32."""
    from bench.pipelines import InsightFace

    pipeline = InsightFace("upstream")
    import numpy as np

    faces = np.load(os.environ["BENCH_MATRIX"], mmap_mode="r")
    (face,) = pipeline.look(picture.read_bytes())[:1]
    scores = faces @ face.normed_embedding
    np.argpartition(-scores, 80)
    return _answered()


def search(picture: Path) -> dict[str, Any]:
    """The event of one SearchFacesByImage."""
    import base64

    image = {"Bytes": base64.b64encode(picture.read_bytes()).decode()}
    return event("SearchFacesByImage", CollectionId=COLLECTION, Image=image)


def event(operation: str, **request: Any) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "path": "/",
        "headers": {"X-Amz-Target": f"RekognitionService.{operation}"},
        "requestContext": {"requestId": "of-the-gateway", "stage": "v1", "path": "/v1/"},
        "body": json.dumps(request),
        "isBase64Encoded": False,
    }


def _answered() -> Taken:
    return {"ms": _since_start(), "cpu_ms": time.process_time() * 1000}


def _since_start() -> float:
    return (time.monotonic() - float(os.environ[STARTED])) * 1000


if __name__ == "__main__":
    programs = {"semblance": semblance, "steps": step_by_step, "insightface": insightface}
    answer = programs[sys.argv[1]](Path(sys.argv[2]))
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
