"""What is stored comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from chatapp.models.chat_models import (
    Conversation,
    Feedback,
    Generation,
    Message,
    MessageError,
    MessageStatus,
    Role,
    Usage,
)
from chatapp.repositories.documents import (
    HEADER,
    conversation_document,
    conversation_from,
    generation_document,
    generation_from,
    message_document,
    messages_from,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
OWNER, ID = str(ObjectId()), str(ObjectId())
CONVERSATION = Conversation(
    id=ID,
    user_id=OWNER,
    title="Title",
    model="m",
    system_prompt="p",
    temperature=0.5,
    max_tokens=3,
    pinned=True,
    archived=True,
    tags=("a", "b"),
    temporary=True,
    created_at=NOW,
    updated_at=NOW,
    trashed_at=None,
    message_count=0,
    active_message_id=None,
    generation=None,
)
MESSAGES = st.builds(
    Message,
    id=st.uuids().map(str),
    user_id=st.just(OWNER),
    conversation_id=st.just(ID),
    parent_id=st.none() | st.uuids().map(str),
    role=st.sampled_from(Role),
    content=TEXT,
    status=st.sampled_from(MessageStatus),
    created_at=st.just(NOW),
    model=st.none() | TEXT,
    usage=st.none() | st.builds(Usage, st.integers(0, 10**6), st.integers(0, 10**6)),
    error=st.none() | st.builds(MessageError, TEXT, TEXT),
    feedback=st.none() | st.sampled_from(Feedback),
)


def through_bson(document: dict[str, object]) -> dict[str, object]:
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=True, tzinfo=UTC))


@given(MESSAGES)
def test_a_message(message: Message) -> None:
    assert messages_from([through_bson(message_document(message))], CONVERSATION, {}) == (message,)


@given(MESSAGES)
def test_a_messages_size_is_what_its_content_takes_in_bson(message: Message) -> None:
    assert message.size == len(bson.encode({"c": message.content})) - len(bson.encode({"c": ""}))


def test_a_conversation() -> None:
    assert conversation_from(through_bson(conversation_document(CONVERSATION))) == CONVERSATION


def test_a_header_holds_all_that_a_conversation_shows() -> None:
    document = conversation_document(CONVERSATION)

    assert conversation_from({name: document[name] for name in ("_id", *HEADER)}) == CONVERSATION


def test_a_generation() -> None:
    generation = Generation("answer", "question", "m", NOW, 3)

    assert generation_from(through_bson(generation_document(generation))) == generation
