"""What the document says about a message is what is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import Schema

from chatapp.api.schemas.message import MessagePageSchema, MessageSchema, TwigPageSchema, TwigSchema
from chatapp.models.chat_models import (
    Feedback,
    FinishReason,
    Message,
    MessageError,
    MessageStatus,
    Page,
    Role,
    Twig,
    Usage,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, 6_000, tzinfo=UTC)
PLAIN = Message("id", "user", "conversation", None, Role.USER, "text", MessageStatus.COMPLETE, NOW)
FULL = Message(
    id="id",
    user_id="user",
    conversation_id="conversation",
    parent_id="parent",
    role=Role.ASSISTANT,
    content="text",
    status=MessageStatus.INTERRUPTED,
    created_at=NOW,
    model="m",
    usage=Usage(1, 2),
    finish_reason=FinishReason.LENGTH,
    error=MessageError("code", "sentence"),
    feedback=Feedback.UP,
    edit_of="other",
    edited=True,
    continues="other",
    sibling_ids=("id", "other"),
)


def by_fields(message: Message) -> dict[str, Any]:
    """As marshmallow itself would write it, with what is not there left out."""
    written = Schema.dump(MessageSchema(), message)
    kept = {"parentId"}
    return {name: value for name, value in written.items() if name in kept or value not in (None, [], False)}


@pytest.mark.parametrize("message", [PLAIN, FULL])
def test_the_fast_way_writes_what_the_fields_describe(message: Message) -> None:
    assert MessageSchema.written(message) == by_fields(message)


def test_pages_and_lists_are_written_the_same_way() -> None:
    page = MessagePageSchema().dump(Page((PLAIN, FULL), "next"))

    assert page == {
        "items": [MessageSchema.written(PLAIN), MessageSchema.written(FULL)],
        "nextCursor": "next",
        "previousCursor": None,
    }
    assert MessageSchema(many=True).dump([PLAIN]) == [MessageSchema.written(PLAIN)]


def test_what_a_message_does_not_have_is_left_out() -> None:
    assert MessageSchema.written(PLAIN) == {
        "id": "id",
        "userId": "user",
        "conversationId": "conversation",
        "parentId": None,
        "role": "user",
        "content": "text",
        "status": "complete",
        "createdAt": "2026-01-02T03:04:05.006Z",
    }


@pytest.mark.parametrize("above", [None, "parent"])
def test_the_tree_is_written_as_its_fields_describe_it(above: str | None) -> None:
    twig = Twig("id", above, Role.ASSISTANT, MessageStatus.COMPLETE, above and "model", NOW, "The beginning")

    assert TwigSchema.written(twig) == Schema.dump(TwigSchema(), twig)
    assert TwigPageSchema().dump(Page((twig,), None))["items"] == [TwigSchema.written(twig)]
