"""Each object version is processed once, however often it is delivered: Powertools' idempotency
over our table."""

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


class Once:
    """What is kept of a photo is its outcome's kind: no match, and not even its name."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        layer = DynamoDBPersistenceLayer(
            table_name=table_name,
            key_attr=schema.PARTITION_KEY,
            sort_key_attr=schema.SORT_KEY,
            expiry_attr=schema.EXPIRES_AT,
            boto3_client=dynamodb,
        )
        self._layers = {shard: _of_partition(layer, shard) for shard in schema.SHARDS}

    def do(
        self,
        identity: Identity,
        work: Callable[[], Answer],
        *,
        context: LambdaContext,
        known: Callable[[], None],
    ) -> Answer:
        """What `work` answers or, having told so with `known`, what it answered before.

        While it works the identity is locked, until the function's timeout at the longest: whoever
        is killed at work has no lock left when SQS delivers again. Powertools' own errors, that of
        a lock that another holds among them, are for the queue to try again.
        """

        def work_on(**_: Identity) -> Answer:
            return work()

        def tell(response: Any, idempotent_data: Any) -> Any:  # noqa: ARG001  (Powertools' names)
            known()
            return response

        config = IdempotencyConfig(
            hash_function="sha256",
            expires_after_seconds=schema.PHOTOS_KEPT_SECONDS,
            lambda_context=context,
            response_hook=tell,
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
    """A copy, for each one that is made anew puts one more mark into the client's User-Agent."""
    one = copy(layer)
    one.static_pk_value = schema.photos_partition(shard)
    return one


def _shard(identity: Identity) -> str:
    return hashlib.sha256(repr(sorted(identity.items())).encode()).hexdigest()[0]
