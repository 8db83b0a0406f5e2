"""Each object version is processed once, however often it is delivered: Powertools' idempotency
over the deployment's table."""

import hashlib
from collections.abc import Callable
from copy import copy
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from semblance.contract import schema

Identity = dict[str, str]
Answer = dict[str, str]


class Deliveries:
    """Remembers only the kind of a photo's outcome: no match, and not even the photo's name."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        layer = DynamoDBPersistenceLayer(
            table_name=table_name,
            key_attr=schema.PARTITION_KEY,
            sort_key_attr=schema.SORT_KEY,
            expiry_attr=schema.EXPIRES_AT,
            boto3_client=dynamodb,
        )
        self._layers = {shard: _of_partition(layer, shard) for shard in schema.SHARDS}

    def process_once(
        self,
        identity: Identity,
        work: Callable[[], Answer],
        *,
        context: LambdaContext,
        known: Callable[[], None],
    ) -> Answer:
        """The answer of `work` or, after calling `known`, the answer that it gave before.

        The identity is locked meanwhile, until the function's time-out at the longest: a function
        that was killed holds no lock when SQS delivers again. Powertools' own errors, such as a
        lock that another process holds, make the queue deliver again.
        """

        def work_on(**_: Identity) -> Answer:
            return work()

        def note_known(response: Any, idempotent_data: Any) -> Any:  # noqa: ARG001  (Powertools' names)
            known()
            return response

        config = IdempotencyConfig(
            hash_function="sha256",
            expires_after_seconds=schema.PHOTOS_KEPT_SECONDS,
            lambda_context=context,
            response_hook=note_known,
        )
        once: Callable[..., Answer] = idempotent_function(
            work_on,
            data_keyword_argument="identity",
            persistence_store=self._layers[_shard(identity)],
            config=config,
            key_prefix="photo",
        )
        return once(identity=identity)


def _of_partition(layer: DynamoDBPersistenceLayer, shard: str) -> DynamoDBPersistenceLayer:
    """A copy: every new layer would add one more mark to the client's User-Agent."""
    one = copy(layer)
    one.static_pk_value = schema.photos_partition(shard)
    return one


def _shard(identity: Identity) -> str:
    return hashlib.sha256(repr(sorted(identity.items())).encode()).hexdigest()[0]
