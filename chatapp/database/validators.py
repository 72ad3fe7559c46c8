"""What MongoDB itself checks: the shape of the documents that the repositories write, and no rules of the application.

A bug, or a mistake in the shell, is refused instead of stored. Of the embedded messages only the type of the array is
checked: checking each message would slow down every append (figures in docs/decisions/0022).
"""

from typing import Any

Schema = dict[str, Any]

_ID: Schema = {"bsonType": "objectId"}
_DATE: Schema = {"bsonType": "date"}
_TEXT: Schema = {"bsonType": "string"}
_TEXT_OR_NULL: Schema = {"bsonType": ["string", "null"]}
_FLAG: Schema = {"bsonType": "bool"}
_COUNT: Schema = {"bsonType": ["int", "long"], "minimum": 0}
_ARRAY: Schema = {"bsonType": "array"}
_NUMBER_OR_NULL: Schema = {"bsonType": ["double", "int", "null"]}


def _documents(required: Schema, optional: Schema | None = None) -> Schema:
    properties = {**required, **(optional or {})}
    return {"$jsonSchema": {"bsonType": "object", "required": list(required), "properties": properties}}


_GENERATION: Schema = {
    "bsonType": ["object", "null"],
    "required": ["messageId", "parentId", "model", "startedAt", "slot"],
    "properties": {"messageId": _TEXT, "parentId": _TEXT, "model": _TEXT, "startedAt": _DATE, "slot": _COUNT},
}

_CONVERSATION = _documents(
    {
        "userId": _ID,
        "title": _TEXT,
        "model": _TEXT_OR_NULL,
        "systemPrompt": _TEXT_OR_NULL,
        "temperature": _NUMBER_OR_NULL,
        "maxTokens": {"bsonType": ["int", "long", "null"]},
        "pinned": _FLAG,
        "archived": _FLAG,
        "tags": {"bsonType": "array", "items": _TEXT},
        "temporary": _FLAG,
        "createdAt": _DATE,
        "updatedAt": _DATE,
        "trashedAt": {"bsonType": ["date", "null"]},
        "messageCount": _COUNT,
        "activeMessageId": _TEXT_OR_NULL,
        "generation": _GENERATION,
        "pagedCount": _COUNT,
        "windowBytes": _COUNT,
        "branches": {"bsonType": "object"},
        "edits": _COUNT,
        "messages": _ARRAY,
    },
    {
        "projectId": {"bsonType": ["objectId", "null"]},
        "topP": _NUMBER_OR_NULL,
        "readMessageId": _TEXT_OR_NULL,
        "unread": _ARRAY,
        "indexedCount": _COUNT,
        "isIndexed": _FLAG,
        "usedAt": _DATE,
    },
)

_TOMBSTONE = _documents({"userId": _ID, "purgedAt": _DATE})

VALIDATORS: dict[str, Schema] = {
    "conversations": {"$or": [_CONVERSATION, _TOMBSTONE]},
    "projects": _documents(
        {"userId": _ID, "name": _TEXT, "systemPrompt": _TEXT_OR_NULL, "model": _TEXT_OR_NULL, "createdAt": _DATE}
    ),
    "tags": _documents({"userId": _ID, "name": _TEXT, "color": _TEXT}),
    "message_pages": _documents(
        {
            "userId": _ID,
            "conversationId": _ID,
            "firstPosition": _COUNT,
            "count": {**_COUNT, "minimum": 1},
            "bytes": _COUNT,
            "edits": _COUNT,
            "messages": {**_ARRAY, "minItems": 1},
        }
    ),
    "search_entries": _documents(
        {"userId": _ID, "conversationId": _ID, "messageId": _TEXT_OR_NULL, "text": _TEXT, "tokens": _ARRAY},
        {"role": _TEXT, "model": _TEXT, "code": _FLAG},
    ),
    "generations": _documents(
        {"_id": _TEXT, "userId": _ID, "conversationId": _ID},
        {"owner": _TEXT, "beat": _COUNT, "chunks": _ARRAY, "stopRequested": _FLAG},
    ),
    "chat_sessions": _documents(
        {"userId": _ID, "conversationId": _ID, "createdAt": _DATE, "lastUsedAt": _DATE, "expiresAt": _DATE}
    ),
    "attempts": _documents({"_id": _TEXT, "times": _ARRAY, "seenAt": _DATE, "expiresAt": _DATE, "counted": _FLAG}),
    "users": _documents(
        {"email": _TEXT, "name": _TEXT, "passwordHash": _TEXT, "createdAt": _DATE, "settings": {"bsonType": "object"}},
        {"storedBytes": {"bsonType": ["int", "long"]}},
    ),
    "sign_ins": _documents(
        {
            "userId": _ID,
            "tokenHash": _TEXT,
            "createdAt": _DATE,
            "lastSeenAt": _DATE,
            "expiresAt": _DATE,
            "userAgent": _TEXT,
            "address": _TEXT,
        }
    ),
}
