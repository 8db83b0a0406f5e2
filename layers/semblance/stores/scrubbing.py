"""Takes out of change records in DynamoDB what has been removed since they were written.

On condition that a record is as it was read: none comes back that has expired or been erased, and
of two compactors neither undoes what the other did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr, ConditionBase

from semblance.contract import schema
from semblance.model.changes import Attributes, Change, faces_left

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table


class ChangeScrubber:
    def __init__(self, table: Table) -> None:
        self._table = table

    def narrow(self, uid: str, change: Change, places: Sequence[int]) -> bool:
        """Leaves the change only these of the faces that it added, by their places in it. False
        when the record is not as it was read."""
        unchanged = Attr("added").eq(change.added)
        return self._update(uid, change, unchanged, faces_left(change, places))

    def blank(self, uid: str, change: Change) -> bool:
        """Leaves a change of a user its version alone. False when it is not there any more."""
        return self._update(uid, change, Attr("user_id").exists(), {"codes": b""})

    def _update(
        self, uid: str, change: Change, condition: ConditionBase, values: Attributes
    ) -> bool:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        try:
            self._table.update_item(
                Key=schema.change_key_of(uid, change.stamp),
                UpdateExpression=f"SET {assignments}",
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
            )
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True
