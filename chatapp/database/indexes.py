"""The indexes of all collections.

The user comes first in every index that serves a request: it isolates users from each other, and is the future shard
key. The exceptions find a record that identifies the user (by a token's hash), keep something unique among all users,
or serve maintenance across them.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

_LIST_ORDER = [("pinned", DESCENDING), ("updatedAt", DESCENDING), ("_id", DESCENDING)]
_LISTED = {"temporary": False, "trashedAt": None}
_IN_PROJECT = {"projectId": {"$gt": ObjectId("0" * 24)}}

COMPACT = {"wiredTiger": {"configString": "block_compressor=zstd,leaf_page_max=64KB"}}
"""For what is large and made of words: a third of the size, see docs/decisions/0110."""

COLLECTION_OPTIONS: dict[str, dict[str, Any]] = {"search_entries": {"storageEngine": COMPACT}}

INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel([("email", ASCENDING)], name="email", unique=True),
        IndexModel(
            [("settings.retentionDays", ASCENDING)],
            name="retention",
            partialFilterExpression={"settings.retentionDays": {"$gte": 1}},
        ),
    ],
    "sign_ins": [
        IndexModel([("tokenHash", ASCENDING)], name="token", unique=True),
        IndexModel([("userId", ASCENDING), ("lastSeenAt", DESCENDING)], name="user_devices"),
        IndexModel([("expiresAt", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ],
    "attempts": [IndexModel([("expiresAt", ASCENDING)], name="expiry", expireAfterSeconds=0)],
    "conversations": [
        # One index for each kind of list, in the order in which it is shown. Queries repeat the partial filters.
        IndexModel(
            [("userId", ASCENDING), ("archived", ASCENDING), *_LIST_ORDER],
            name="listed",
            partialFilterExpression=_LISTED,
        ),
        IndexModel(
            [("userId", ASCENDING), ("archived", ASCENDING), ("tags", ASCENDING), *_LIST_ORDER],
            name="listed_by_tag",
            partialFilterExpression={**_LISTED, "tags.0": {"$exists": True}},
        ),
        IndexModel(
            [("userId", ASCENDING), ("archived", ASCENDING), ("projectId", ASCENDING), *_LIST_ORDER],
            name="listed_by_project",
            partialFilterExpression={**_LISTED, **_IN_PROJECT},
        ),
        IndexModel(
            [("userId", ASCENDING), *_LIST_ORDER],
            name="trashed",
            partialFilterExpression={"trashedAt": {"$type": "date"}, "temporary": False},
        ),
        IndexModel(
            [("userId", ASCENDING), ("starredAt", DESCENDING)],
            name="starred",
            partialFilterExpression={"starredAt": {"$type": "date"}},
        ),
        # Holds all that the conversations of a project are counted by.
        IndexModel(
            [(name, ASCENDING) for name in ("userId", "projectId", "archived", "temporary", "trashedAt")],
            name="in_project",
            partialFilterExpression=_IN_PROJECT,
        ),
        IndexModel(
            [("userId", ASCENDING), ("tags", ASCENDING)],
            name="tagged",
            partialFilterExpression={"tags.0": {"$exists": True}},
        ),
        # Limits how many answers run at once, and finds those that a dead worker left behind.
        IndexModel(
            [("userId", ASCENDING), ("generation.slot", ASCENDING)],
            name="running_answers",
            unique=True,
            partialFilterExpression={"generation.slot": {"$exists": True}},
        ),
        # What search has to index, and searches directly until then.
        IndexModel(
            [("userId", ASCENDING), ("updatedAt", DESCENDING)],
            name="unindexed",
            partialFilterExpression={"isIndexed": None, "temporary": False},
        ),
        # Clients may choose the id of an answer. By it workers know the running ones, whosever they are.
        IndexModel(
            [("generation.messageId", ASCENDING)],
            name="running_answer",
            unique=True,
            partialFilterExpression={"generation.messageId": {"$exists": True}},
        ),
        # Maintenance.
        IndexModel([("updatedAt", ASCENDING)], name="temporary", partialFilterExpression={"temporary": True}),
        IndexModel([("purgedAt", ASCENDING)], name="purged", partialFilterExpression={"purgedAt": {"$exists": True}}),
    ],
    "projects": [IndexModel([("userId", ASCENDING)], name="user")],
    "tags": [IndexModel([("userId", ASCENDING), ("name", ASCENDING)], name="name", unique=True)],
    "search_entries": [
        IndexModel(
            [("userId", ASCENDING), ("tokens", ASCENDING), ("_id", DESCENDING)], name="tokens", storageEngine=COMPACT
        ),
        IndexModel([("userId", ASCENDING), ("_id", DESCENDING)], name="newest"),
        IndexModel([("userId", ASCENDING), ("conversationId", ASCENDING)], name="conversation"),
    ],
    "message_pages": [
        IndexModel(
            [("userId", ASCENDING), ("conversationId", ASCENDING), ("firstPosition", ASCENDING)],
            name="position",
            unique=True,
        ),
        IndexModel([("userId", ASCENDING), ("conversationId", ASCENDING), ("messages.id", ASCENDING)], name="message"),
        IndexModel(
            [("userId", ASCENDING), ("conversationId", ASCENDING), ("messages.parentId", ASCENDING)], name="parent"
        ),
    ],
    "generations": [
        IndexModel([("userId", ASCENDING), ("conversationId", ASCENDING)], name="conversation"),
        IndexModel([("owner", ASCENDING)], name="owner"),
    ],
    "chat_sessions": [
        IndexModel([("userId", ASCENDING), ("conversationId", ASCENDING)], name="conversation"),
        IndexModel([("expiresAt", ASCENDING)], name="expiry", expireAfterSeconds=0),
    ],
}
