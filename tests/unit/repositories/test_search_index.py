"""What the index of search stores of a message, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from chatapp.repositories.search_index import entry_id, first_id, message_entry, moment_of

MOMENT = datetime(2026, 11, 28, 12, 0, 0, 123_000, tzinfo=UTC)


def entry_of(**fields: Any) -> dict[str, Any]:
    message = {"id": "m", "role": "user", "content": "hello", "createdAt": MOMENT, **fields}
    return message_entry(ObjectId(), ObjectId(), message)


def test_an_entry_has_the_model_that_answered() -> None:
    assert entry_of(model="large")["model"] == "large"
    assert "model" not in entry_of()


def test_an_entry_says_whether_there_is_code_in_the_message() -> None:
    assert entry_of(content="so:\n```\ncode\n```")["code"] is True
    assert "code" not in entry_of()


def test_entries_are_in_the_order_of_time() -> None:
    conversation = ObjectId()

    assert moment_of(entry_id(MOMENT, conversation, "m")) == MOMENT
    assert first_id(MOMENT) < entry_id(MOMENT, conversation, "m") != entry_id(MOMENT, conversation, "n")


def test_no_entry_is_from_before_1970() -> None:
    assert first_id(datetime(1900, 1, 1, tzinfo=UTC)) == ObjectId("0" * 24)
