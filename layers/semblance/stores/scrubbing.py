"""Takes the vectors of removed faces and outdated users out of change records in DynamoDB.

Every update has the condition that the record is as it was read. So a record that has expired or
been erased does not come back, and two compactors do not undo each other's work.
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
        """Keeps only the added faces at these places of the change. False when the record has
        changed since it was read."""
        unchanged = Attr("added").eq(change.added)
        return self._update(uid, change, unchanged, faces_left(change, places))

    def blank(self, uid: str, change: Change) -> bool:
        """Empties the vector of a user's change and keeps its version. False when the record is
        gone."""
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
