"""A deployment with `auth=keys`: its keys, and requests that botocore has signed with them."""

import copy
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from functions import api
from functions.runtime.callers import OfOwnKeys
from semblance.access import access_key
from semblance.access.access_key import AccessKey
from semblance.access.key_ring import UNKNOWN_SECONDS, KeyRing
from semblance.service import Service
from semblance.stores.access_keys import AccessKeyTable
from semblance.stores.seal import Seal
from tests.world.account import REGION
from tests.world.service import Clock, proxy_event

HOST = "faces.example.com"
Event = dict[str, Any]


class Deployment:
    """`identify` belongs to one warm process; `new_process` starts another one."""

    def __init__(
        self, service: Service, table: Any, kms: Any, key_arn: str, paths: str = "/v1/"
    ) -> None:
        self.clock = Clock(time.time())
        settings = replace(service.settings, auth="keys", key_arn=key_arn, signing_paths=paths)
        self.service = replace(service, settings=settings)
        self.keys = AccessKeyTable(table)
        self.seal = Seal(kms, key_arn)
        self.identify = self.new_process()

    def new_process(self) -> OfOwnKeys:
        ring = KeyRing(load=self.keys.all, open_secret=self.seal.open, clock=self.clock)
        return OfOwnKeys(self.service.settings, ring, self.clock)

    def new_key(self, *, wait: bool = True, **members: Any) -> "Key":
        """`wait` lets the time pass until every process has read the key."""
        id_, secret = access_key.new_id(), access_key.new_secret()
        allowed = dict.fromkeys(("operations", "collections", "images"), ("*",))
        key = AccessKey(
            id=id_,
            created_at=self.clock(),
            secret=self.seal.close(id_, secret),
            **{"name": "door", **allowed, **members},
        )
        self.keys.add(key)
        if wait:
            self.clock.advance(UNKNOWN_SECONDS)
        return Key(self, key, secret)

    def send(self, event: Event, identify: OfOwnKeys | None = None) -> tuple[int, dict[str, Any]]:
        reply = api.answer(event, lambda: self.service, identify=identify or self.identify)
        return int(reply.status), json.loads(reply.body)


class Key:
    def __init__(self, deployment: Deployment, stored: AccessKey, secret: str) -> None:
        self.deployment, self.stored, self.secret = deployment, stored, secret

    @property
    def arn(self) -> str:
        return f"arn:aws:semblance:eu-west-1:123456789012:key/{self.stored.id}/{self.stored.name}"

    def signed(
        self,
        operation: str = "ListCollections",
        body: str = "{}",
        *,
        path: str = "/v1/",
        region: str = REGION,
        service: str = "rekognition",
        session: str | None = None,
        headers: dict[str, str] | None = None,
        signer: type[SigV4Auth] = SigV4Auth,
    ) -> Event:
        """The event for a request that botocore has signed, as API Gateway sends it."""
        request = AWSRequest(
            "POST",
            f"https://{HOST}{path}",
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"RekognitionService.{operation}",
                "User-Agent": "test",
                **(headers or {}),
            },
            data=body.encode(),
        )
        credentials = Credentials(self.stored.id, self.secret, session)
        signer(credentials, service, region).add_auth(request)
        event = proxy_event({"Host": HOST, **dict(request.headers.items())}, body)
        event["multiValueHeaders"] = {name: [v] for name, v in event["headers"].items()}
        return event

    def send(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self.deployment.send(self.signed(operation, json.dumps(request)))

    def is_let_in(self) -> bool:
        status, reply = self.deployment.send(self.signed())
        assert status == 200 or reply["__type"] == "UnrecognizedClientException"
        return status == 200


def changed(event: Event, change: Callable[[Event], None]) -> Event:
    other = copy.deepcopy(event)
    other["requestContext"]["requestId"] = str(uuid.uuid4())
    change(other)
    return other
