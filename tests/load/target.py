"""The deployment under load: drops photos into its bucket and reads what became of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from semblance.client import sign_for_api_gateway
from semblance.contract import layout
from semblance_cli.dead_letters import DeadLetters
from tests.load.drops import Drop
from tools.local.cloud import Deployment

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_OPTIONS = {"quality-filter": "NONE", "max-faces": "1"}
"""Faces in the background of a portrait must not be counted."""


class Image(TypedDict):
    Name: str
    Version: str


class Result(TypedDict):
    """The members of a result that are checked."""

    Outcome: str
    Image: Image


@dataclass(frozen=True, slots=True)
class Target:
    collection: str
    input_bucket: str
    results_bucket: str
    queue_url: str
    s3: S3Client
    sqs: SQSClient
    rekognition: RekognitionClient
    dead_letters: DeadLetters

    @classmethod
    def of(cls, deployment: Deployment, collection: str) -> Target:
        sqs, queue_url = deployment.client("sqs"), deployment.outputs["QueueUrl"]
        return cls(
            collection,
            deployment.input_bucket,
            deployment.results_bucket,
            queue_url,
            deployment.client("s3"),
            sqs,
            sign_for_api_gateway(deployment.client("rekognition")),
            DeadLetters(sqs, deployment.outputs["DeadLetterQueueUrl"], queue_url),
        )

    def put(self, drop: Drop) -> str:
        """Returns the version of the object."""
        reply = self.s3.put_object(
            Bucket=self.input_bucket, Key=drop.key, Body=drop.content, Metadata=_OPTIONS
        )
        return reply["VersionId"]

    def put_and_delete(self, drop: Drop) -> str:
        """The worker gets its notice, but finds no photo."""
        version = self.put(drop)
        self.s3.delete_object(Bucket=self.input_bucket, Key=drop.key, VersionId=version)
        return version

    def result_names(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.results_bucket)
        return {each["Key"] for page in pages for each in page.get("Contents", ())}

    def result(self, key: str) -> Result:
        name = layout.result_name(key)
        found: Result = json.load(self.s3.get_object(Bucket=self.results_bucket, Key=name)["Body"])
        return found

    def messages(self) -> int:
        """Messages in the queue, hidden ones included."""
        found = self.sqs.get_queue_attributes(
            QueueUrl=self.queue_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        visible = found["ApproximateNumberOfMessages"]
        return int(visible) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def stored_faces(self) -> list[str]:
        pages = self.rekognition.get_paginator("list_faces").paginate(
            CollectionId=self.collection, PaginationConfig={"PageSize": 1000}
        )
        return [face["FaceId"] for page in pages for face in page["Faces"]]
