"""Which documents are as the application stores them. MongoDB checks only what is written to it, and no messages."""

from collections.abc import Iterator
from typing import Any

from pymongo.database import Database

from chatapp.database.validators import VALIDATORS
from chatapp.models.chat_models import MessageStatus, Role

_TEXT = {"bsonType": "string"}
_MESSAGE = {
    "bsonType": "object",
    "required": ["id", "parentId", "role", "content", "status", "createdAt"],
    "properties": {
        "id": _TEXT,
        "parentId": {"bsonType": ["string", "null"]},
        "role": {"enum": [role.value for role in Role]},
        "content": _TEXT,
        "status": {"enum": [status.value for status in MessageStatus]},
        "createdAt": {"bsonType": "date"},
        "reasoning": {"bsonType": "object", "required": ["text"], "properties": {"text": _TEXT}},
        "usage": {"bsonType": "object", "required": ["promptTokens", "completionTokens"]},
        "error": {"bsonType": "object", "required": ["code", "message"]},
    },
}
_MESSAGES = {"$jsonSchema": {"properties": {"messages": {"items": _MESSAGE}}}}

SHAPES: dict[str, dict[str, Any]] = {name: {"$and": [rule, _MESSAGES]} for name, rule in VALIDATORS.items()}
"""A query for each collection that finds the documents which are as they should be."""


def misshapen(database: Database[dict[str, Any]]) -> Iterator[tuple[str, object]]:
    """Collection and id of each document, of all users, that is not: nothing can be relied on in it."""
    for name, shape in SHAPES.items():
        for document in database[name].find({"$nor": [shape]}, {"_id": 1}):
            yield name, document["_id"]
