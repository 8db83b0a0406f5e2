"""Key names and builders of the one DynamoDB table: the only place that spells them.

| item       | pk                | sk                       |
|------------|-------------------|--------------------------|
| collection | COLLECTIONS       | collection id            |
| tombstone  | ERASURES          | uid                      |
| last visit | COMPACTIONS       | uid                      |
| face       | F#<uid>#<shard>   | face id                  |
| change     | L#<uid>           | <epoch ms, 13 digits>#<random> |
| user       | U#<uid>           | user id                  |
| token      | T#<uid>           | client request token     |
| photo      | P#<shard>         | photo#<digest of bucket, key and version> |
| access key | KEYS              | access key id            |

Faces: a shard is the first hex digit of the face id, so the 16 partitions of a collection, read one
after the other, hold its faces in ascending order. A deleted face leaves its bare key behind for as
long as a reader can meet the change that added it: face ids derive from content, and a face that
came back within that time would be taken for the deleted one.

Users: a deleted user leaves key and version behind for as long, so that its next versions are
higher.

Photos: Powertools' idempotency writes these items, which mark a dropped photo as done or in
progress. They lie in 16 partitions, since one takes 1,000 writes a second, and outlive the photo's
message, which may spend 4 days in the queue, 14 with the dead letters and 4 more in the queue.

Last visits: how far maintenance has got with a collection, for its next visit, and the watermark of
the collection's snapshot, for its readers.
"""

PARTITION_KEY = "pk"
SORT_KEY = "sk"
EXPIRES_AT = "expires_at"

CHANGES_KEPT_SECONDS = 48 * 3600
TOKENS_KEPT_SECONDS = 24 * 3600
PHOTOS_KEPT_SECONDS = 30 * 24 * 3600
LONGEST_CALL_SECONDS = 900
"""Lambda's limit: a call that began longer ago has ended."""
SHARDS = "0123456789abcdef"

ACCESS_KEY_PREFIX = "SMBL"
"""AWS's own begin with AKIA and ASIA, which scanners for leaked keys report to AWS."""
SEALED_FOR = "access-key-id"
"""Names the access key in the encryption context of its secret: a secret moved to another key's
item cannot be decrypted, and the right to decrypt secrets opens nothing else under the KMS key."""

Key = dict[str, str]


def collections_partition() -> str:
    return "COLLECTIONS"


def collection_key(collection_id: str) -> Key:
    return _key(collections_partition(), collection_id)


def erasures_partition() -> str:
    return "ERASURES"


def erasure_key(uid: str) -> Key:
    return _key(erasures_partition(), uid)


def compactions_partition() -> str:
    return "COMPACTIONS"


def compaction_key(uid: str) -> Key:
    return _key(compactions_partition(), uid)


def faces_partition(uid: str, shard: str) -> str:
    return f"F#{uid}#{shard}"


def face_key(uid: str, face_id: str) -> Key:
    return _key(faces_partition(uid, face_id[0]), face_id)


def changes_partition(uid: str) -> str:
    return f"L#{uid}"


def change_key(uid: str, at_ms: int, nonce: str) -> Key:
    return change_key_of(uid, f"{change_stamp(at_ms)}#{nonce}")


def change_key_of(uid: str, stamp: str) -> Key:
    return _key(changes_partition(uid), stamp)


def change_stamp(at_ms: int) -> str:
    """Sorts before every change of that millisecond and later, and after all earlier ones."""
    return f"{at_ms:013d}"


def users_partition(uid: str) -> str:
    return f"U#{uid}"


def user_key(uid: str, user_id: str) -> Key:
    return _key(users_partition(uid), user_id)


def tokens_partition(uid: str) -> str:
    return f"T#{uid}"


def token_key(uid: str, token: str) -> Key:
    return _key(tokens_partition(uid), token)


def photos_partition(shard: str) -> str:
    return f"P#{shard}"


def access_keys_partition() -> str:
    return "KEYS"


def access_key_key(access_key_id: str) -> Key:
    return _key(access_keys_partition(), access_key_id)


def _key(partition: str, sort: str) -> Key:
    return {PARTITION_KEY: partition, SORT_KEY: sort}
