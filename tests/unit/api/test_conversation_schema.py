"""What the document says about a conversation is what is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from marshmallow import Schema

from chatapp.api.schemas.conversation import ConversationPageSchema, ConversationSchema
from chatapp.models.chat_models import Conversation, Generation, Page

NOW = datetime(2026, 1, 2, 3, 4, 5, 6_000, tzinfo=UTC)
PLAIN = Conversation("id", "user", NOW, NOW)
FULL = replace(
    PLAIN,
    title="t",
    model="m",
    system_prompt="p",
    temperature=0.5,
    max_tokens=3,
    pinned=True,
    archived=True,
    tags=("a", "b"),
    temporary=True,
    trashed_at=NOW,
    message_count=2,
    active_message_id="last",
    project_id="project",
    top_p=0.9,
    read_message_id="first",
    unread=True,
    generation=Generation("answer", "last", "m", NOW, 0),
)


@pytest.mark.parametrize("conversation", [PLAIN, FULL])
def test_the_fast_way_writes_what_the_fields_describe(conversation: Conversation) -> None:
    assert ConversationSchema.written(conversation) == Schema.dump(ConversationSchema(), conversation)


def test_pages_and_lists_are_written_the_same_way() -> None:
    page = ConversationPageSchema().dump(Page((PLAIN, FULL), "next"))

    assert page == {
        "items": [ConversationSchema.written(PLAIN), ConversationSchema.written(FULL)],
        "nextCursor": "next",
    }
    assert ConversationSchema(many=True).dump([PLAIN]) == [ConversationSchema.written(PLAIN)]
