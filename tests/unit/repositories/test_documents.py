"""What is stored comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from chatapp.models.chat_models import (
    Conversation,
    Feedback,
    FinishReason,
    Generation,
    Message,
    MessageError,
    MessageStatus,
    Reasoning,
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
    message_from,
    size_of,
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
    project_id=str(ObjectId()),
    top_p=0.9,
    read_message_id="read",
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
    finish_reason=st.none() | st.sampled_from(FinishReason),
    error=st.none() | st.builds(MessageError, TEXT, TEXT, st.booleans()),
    reasoning=st.none() | st.builds(Reasoning, TEXT, st.none() | st.integers(0, 10**6)),
    feedback=st.none() | st.sampled_from(Feedback),
    comment=st.none() | TEXT,
    edit_of=st.none() | st.uuids().map(str),
    edited=st.booleans(),
    continues=st.none() | st.uuids().map(str),
).map(lambda message: replace(message, edited=message.edited or message.edit_of is not None))


def message_with(error: MessageError | None) -> Message:
    return Message("id", OWNER, ID, None, Role.ASSISTANT, "", MessageStatus.ERROR, NOW, error=error)


def through_bson(document: dict[str, object]) -> dict[str, object]:
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=True, tzinfo=UTC))


@given(MESSAGES)
def test_a_message(message: Message) -> None:
    assert message_from(through_bson(message_document(message)), CONVERSATION, {}, ()) == message


def test_an_error_says_that_it_is_a_refusal_only_where_it_is_one() -> None:
    error = {"code": "request_refused", "message": "No."}

    def stored(refused: bool) -> object:
        return message_document(message_with(MessageError("request_refused", "No.", refused)))["error"]

    assert (stored(False), stored(True)) == (error, {**error, "refused": True})


def test_a_finish_reason_of_a_later_version_is_passed_over() -> None:
    document = message_document(message_with(None)) | {"finishReason": "tired"}
    assert message_from(document, CONVERSATION, {}, ()).finish_reason is None


@given(MESSAGES)
def test_a_messages_size_is_what_its_texts_take_in_bson(message: Message) -> None:
    thought = message.reasoning.text if message.reasoning else ""
    texts = {"c": message.content, "r": thought}
    assert message.size == len(bson.encode(texts)) - len(bson.encode({"c": "", "r": ""}))
    assert size_of(message_document(message)) == message.size


def test_a_conversation() -> None:
    assert conversation_from(through_bson(conversation_document(CONVERSATION))) == CONVERSATION


def test_a_conversation_of_an_earlier_version() -> None:
    document = conversation_document(CONVERSATION)
    for name in ("projectId", "topP", "readMessageId", "unread"):
        del document[name]

    assert conversation_from(document) == replace(CONVERSATION, project_id=None, top_p=None, read_message_id=None)


def test_a_header_holds_all_that_a_conversation_shows() -> None:
    document = conversation_document(CONVERSATION) | {"unread": ["answer"]}

    assert conversation_from({name: document[name] for name in ("_id", *HEADER)}) == replace(CONVERSATION, unread=True)


def test_a_generation() -> None:
    answer = Message("answer", OWNER, ID, "question", Role.ASSISTANT, "", MessageStatus.STREAMING, NOW, "m")

    stored = through_bson(generation_document(answer, 3))
    continued = through_bson(generation_document(replace(answer, continues="first"), 3))

    assert generation_from(stored) == Generation("answer", "question", "m", NOW, 3)
    assert generation_from(continued) == Generation("answer", "question", "m", NOW, 3, "first")
