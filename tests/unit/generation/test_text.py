"""The text of an answer: whoever follows it, from wherever, ends up with the same characters."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.generation import text as answer_text
from chatapp.generation.text import AnswerText, joined, utf16_length, utf16_slice
from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.repositories.generation_repository import Chunk

WORDS = st.sampled_from(["a", "é", "e\u0301", "😀", "👩\u200d👩", "\r\n", "שלום"])
PIECES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map("".join), min_size=1)


@given(PIECES, st.data())
def test_readers_who_come_and_go_anywhere_receive_the_text_to_the_character(
    pieces: list[str], data: st.DataObject
) -> None:
    text = AnswerText()
    received, at = "", 0
    for piece in pieces:
        text.append(piece)
        if data.draw(st.booleans()):
            new, at = text.read(at)
            received += new
        if data.draw(st.booleans()) and (unstored := text.take_unstored()):
            text.mark_stored(unstored)
    received += text.read(at)[0]
    assert received == "".join(pieces) == str(text)
    assert text.length == utf16_length(received)


def test_a_running_answer_takes_little_memory_beside_its_text() -> None:
    text = AnswerText()
    tracemalloc.start()
    try:
        for number in range(200):
            text.append(f"{number:6}")
        assert tracemalloc.get_traced_memory()[0] < 200 * 6 + 6_000
    finally:
        tracemalloc.stop()


@given(PIECES)
def test_what_is_stored_in_parts_is_the_whole_text(pieces: list[str]) -> None:
    text = AnswerText()
    stored = []
    for piece in pieces:
        text.append(piece)
        unstored = text.take_unstored()
        assert unstored is not None
        stored.append(Chunk(unstored.at, unstored.text))
        text.mark_stored(unstored)
    assert joined(stored) == str(text)


def test_a_chunk_that_was_written_twice_counts_once() -> None:
    assert joined([Chunk(0, "ab😀"), Chunk(0, "ab😀c"), Chunk(4, "cd")]) == "ab😀cd"


def test_nothing_is_taken_from_beyond_a_gap() -> None:
    assert joined([Chunk(0, "ab"), Chunk(3, "d")]) == "ab"


def test_an_answer_of_many_tokens_is_a_few_strings() -> None:
    text = AnswerText()
    for number in range(10_000):
        text.append(f"{number} ")
    assert text.read(text.length - 10) == (str(text)[-10:], text.length)
    assert len(text._parts) < 600
    assert max(map(len, text._parts)) < 2000


def test_a_place_inside_a_surrogate_pair_gives_the_whole_character() -> None:
    assert utf16_slice("a😀b", 2) == "😀b"


def test_readers_see_no_more_than_a_moment_of_what_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    text = AnswerText()
    text.append("shown at once, ")
    now[0] += answer_text.UNSTORED_SHOWN_FOR + 0.1
    text.append("held back while the store is away")
    assert not text.wait(len("shown at once, "), timeout=0)
    assert text.read(0)[0] == "shown at once, "
    unstored = text.take_unstored()
    assert unstored is not None
    text.mark_stored(unstored)
    assert text.read(0)[0] == "shown at once, held back while the store is away"


def test_text_that_came_while_some_was_being_stored_counts_from_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    text = AnswerText()
    text.append("one ")
    unstored = text.take_unstored()
    assert unstored is not None
    text.append("two ")
    now[0] += answer_text.UNSTORED_SHOWN_FOR + 0.1
    text.mark_stored(unstored)
    text.append("three")
    assert text.read(0)[0] == "one two "
    assert text.first_at == 100.0


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, "one two three"), (1.0, "one two ")])
def test_what_is_stored_is_shown_and_more_only_if_it_has_just_come(
    monkeypatch: pytest.MonkeyPatch, seconds: float, shown: str
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    text = AnswerText()
    text.append("one ")
    now[0] += answer_text.UNSTORED_SHOWN_FOR + 0.1
    text.append("two ")
    unstored = text.take_unstored()
    assert unstored is not None
    text.append("three")
    now[0] += seconds
    text.mark_stored(unstored)
    assert text.read(0)[0] == shown


def test_an_answer_that_somebody_else_ended_is_what_they_stored() -> None:
    text = AnswerText()
    text.append("more than was stored")
    text.reasoning.append("thought about it")
    text.end(_answer("more than"))
    assert text.read(0) == ("more than", 9)
    assert str(text.reasoning) == ""
    assert text.wait(20, timeout=0)
    assert text.ended is not None


def test_waiting_without_news_ends_with_the_timeout() -> None:
    text = AnswerText()
    text.append("abc")
    assert text.wait(0, timeout=0)
    assert not text.wait(3, timeout=0.01)


def _answer(content: str) -> Message:
    return Message(
        id="0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11",
        user_id="u",
        conversation_id="c",
        parent_id="p",
        role=Role.ASSISTANT,
        content=content,
        status=MessageStatus.INTERRUPTED,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
