"""The indexes of all collections.

The user comes first in every index that serves a request: it isolates users from each other, and is the future shard
key. The exceptions find a record that identifies the user (by a token's hash), keep something unique among all users,
or serve maintenance across them.
"""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

_LIST_ORDER = "-pinned -updatedAt -_id"
_LISTED = {"temporary": False, "trashedAt": None}
_IN_PROJECT = {"projectId": {"$gt": ObjectId("0" * 24)}}
_TAGGED = {"tags.0": {"$exists": True}}

COMPACT = {"wiredTiger": {"configString": "block_compressor=zstd,leaf_page_max=64KB"}}
"""For what is large and made of words: a third of the size, see docs/decisions/0110."""

SCATTERED = {"wiredTiger": {"configString": "block_compressor=zstd,leaf_page_max=16KB"}}
"""For an index of words: each message changes some 80 pages, which MongoDB compresses again one by one."""

COLLECTION_OPTIONS: dict[str, dict[str, Any]] = {"search_entries": {"storageEngine": COMPACT}}


def _index(name: str, keys: str, *, only: dict[str, Any] | None = None, **options: Any) -> IndexModel:
    """``keys`` in their order, those with a minus descending. ``only`` is the filter of a partial index."""
    order = [(key.removeprefix("-"), DESCENDING if key.startswith("-") else ASCENDING) for key in keys.split()]
    partial = {"partialFilterExpression": only} if only else {}
    return IndexModel(order, name=name, **partial, **options)


INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        _index("email", "email", unique=True),
        _index("retention", "settings.retentionDays", only={"settings.retentionDays": {"$gte": 1}}),
    ],
    "sign_ins": [
        _index("token", "tokenHash", unique=True),
        _index("user_devices", "userId -lastSeenAt"),
        _index("expiry", "expiresAt", expireAfterSeconds=0),
    ],
    "attempts": [_index("expiry", "expiresAt", expireAfterSeconds=0)],
    "conversations": [
        # One index for each kind of list, in the order in which it is shown. Queries repeat the partial filters.
        _index("listed", f"userId archived {_LIST_ORDER}", only=_LISTED),
        _index("listed_by_tag", f"userId archived tags {_LIST_ORDER}", only={**_LISTED, **_TAGGED}),
        _index("listed_by_project", f"userId archived projectId {_LIST_ORDER}", only={**_LISTED, **_IN_PROJECT}),
        _index("trashed", f"userId {_LIST_ORDER}", only={"trashedAt": {"$type": "date"}, "temporary": False}),
        _index("starred", "userId -starredAt", only={"starredAt": {"$type": "date"}}),
        # Holds all that the conversations of a project are counted by.
        _index("in_project", "userId projectId archived temporary trashedAt", only=_IN_PROJECT),
        _index("tagged", "userId tags", only=_TAGGED),
        # Limits how many answers run at once, and finds those that a dead worker left behind.
        _index("running_answers", "userId generation.slot", only={"generation.slot": {"$exists": True}}, unique=True),
        # What search has to index, and searches directly until then.
        _index("unindexed", "userId -updatedAt", only={"isIndexed": None, "temporary": False}),
        # Clients may choose the id of an answer. By it workers know the running ones, whosever they are.
        _index("running_answer", "generation.messageId", only={"generation.messageId": {"$exists": True}}, unique=True),
        # Maintenance.
        _index("temporary", "updatedAt", only={"temporary": True}),
        _index("purged", "purgedAt", only={"purgedAt": {"$exists": True}}),
    ],
    "projects": [_index("user", "userId")],
    "tags": [_index("name", "userId name", unique=True)],
    "search_entries": [
        _index("tokens", "userId tokens -_id", storageEngine=SCATTERED),
        _index("newest", "userId -_id"),
        _index("conversation", "userId conversationId"),
    ],
    "message_pages": [
        _index("position", "userId conversationId firstPosition", unique=True),
        _index("message", "userId conversationId messages.id"),
        _index("parent", "userId conversationId messages.parentId"),
    ],
    "generations": [_index("conversation", "userId conversationId"), _index("owner", "owner")],
    "chat_sessions": [
        _index("conversation", "userId conversationId"),
        _index("expiry", "expiresAt", expireAfterSeconds=0),
    ],
}
