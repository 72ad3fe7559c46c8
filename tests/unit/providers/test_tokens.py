from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.clock import utc_now
from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.providers.tokens import TokenCounter

GPT, OTHER = "gpt-4o-mini", "some-model"


def message(content: str, *, conversation_id: str = "c", message_id: str = "m") -> Message:
    return Message(
        message_id, "u", conversation_id, None, Role.USER, content, MessageStatus.COMPLETE, created_at=utc_now()
    )


class Server:
    """A server's tokenizer of one token for each word, or none at all."""

    def __init__(self, *, there: bool = True) -> None:
        self.asked: list[str] = []
        self._there = there

    def count(self, model: str, text: str) -> int | None:
        self.asked.append(text)
        return len(text.split()) if self._there else None


def test_bytes_are_the_bound_until_a_message_was_counted() -> None:
    server = Server()
    counter = TokenCounter(server)
    said = message("größer als zwei")

    assert counter.at_most(OTHER, said) == len(said.content.encode())
    assert server.asked == []
    assert counter.of_message(OTHER, said) == 3
    assert counter.at_most(OTHER, said) == 3


def test_a_message_is_counted_once() -> None:
    server = Server()
    counter = TokenCounter(server)

    for _ in range(3):
        counter.of_message(OTHER, message("one two"))
        counter.of_text(OTHER, "a system prompt")

    assert server.asked == ["one two", "a system prompt"]


@pytest.mark.parametrize(
    "other", [{"id": "n"}, {"conversation_id": "d"}, {"content": "one two three"}], ids=["id", "conversation", "grown"]
)
def test_another_message_is_counted_anew(other: dict[str, str]) -> None:
    server = Server()
    counter = TokenCounter(server)
    said = message("one two")

    counter.of_message(OTHER, said)
    counter.of_message(OTHER, replace(said, **other))  # type: ignore[arg-type]
    counter.of_message("another-model", said)

    assert len(server.asked) == 3


def test_what_is_remembered_is_bounded() -> None:
    server = Server()
    counter = TokenCounter(server)

    for number in range(10_001):
        counter.of_message(OTHER, message("x", message_id=str(number)))
    counter.of_message(OTHER, message("x", message_id="0"))

    assert len(server.asked) == 10_002


def test_without_a_servers_tokenizer_openais_models_are_counted_exactly_and_others_with_a_margin() -> None:
    counter = TokenCounter(Server(there=False))
    text = "The quick brown fox jumps over the lazy dog."

    assert counter.of_text(GPT, text) == 10
    assert counter.of_text(OTHER, text) == 13


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_a_count_is_never_more_than_the_bytes(text: str) -> None:
    counter = TokenCounter(Server(there=False))

    assert counter.of_text(GPT, text) <= len(text.encode())
    assert counter.of_text(OTHER, text) <= len(text.encode())
