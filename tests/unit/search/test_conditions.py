"""What is not stored yet is measured against a condition as MongoDB measures what is."""

from __future__ import annotations

from typing import Any

import mongomock
import pytest

from chatapp.repositories.search_filters import has

ENTRY = {"_id": 5, "conversationId": "c", "messageId": None}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"conversationId": {"$in": ["b", "c"]}}, True),
        ({"conversationId": {"$in": ["b"]}}, False),
        ({"conversationId": {"$nin": ["b"]}}, True),
        ({"conversationId": {"$nin": ["b", "c"]}}, False),
        ({"_id": {"$lt": 5}}, False),
        ({"_id": {"$lt": 6}}, True),
        ({"_id": {"$gte": 5}}, True),
        ({"_id": {"$gte": 6}}, False),
        ({"_id": {"$gte": 5, "$lt": 5}}, False),
        ({"messageId": None, "_id": 5}, True),
        ({"model": "m"}, False),
    ],
)
def test_an_entry_has_what_mongodb_would_find_it_by(condition: dict[str, Any], expected: bool) -> None:
    entries: Any = mongomock.MongoClient()["chatapp"]["search_entries"]
    entries.insert_one(dict(ENTRY))

    assert has(ENTRY, condition) == expected == bool(entries.count_documents(condition))
