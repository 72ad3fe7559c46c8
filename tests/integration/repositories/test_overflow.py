"""Windows stay small, pages hold the rest, and no document grows without bound."""

from __future__ import annotations

import pytest

from chatapp.failpoints import armed
from chatapp.models.chat_models import Feedback, Role
from chatapp.repositories.limits import (
    HARD_WINDOW_BYTES,
    KEPT_BYTES,
    KEPT_MESSAGES,
    MAX_MESSAGE_BYTES,
    PAGE_BYTES,
    WINDOW_MESSAGES,
)
from chatapp.repositories.message_overflow import MessageOverflow
from tests.support.history import Book, generation, message, stored_log

LARGEST_DOCUMENT = 2_000_000


def turn(book: Book, question: str, answer: str) -> list[str]:
    """One whole turn, as the engine makes it; gives the ids of both messages."""
    window = book.window()
    asked = message(book, question, window.conversation.active_message_id)
    running = generation(asked.id)
    assert book.begin_turn(window, asked, running)
    ended = message(book, answer, asked.id, Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.end(ended)
    return [asked.id, ended.id]


def largest_document(book: Book) -> int:
    sizes = [
        int(next(iter(found))["size"])
        for name in ("conversations", "message_pages")
        if (
            found := list(
                book.database[name].aggregate(
                    [{"$group": {"_id": None, "size": {"$max": {"$bsonSize": "$$ROOT"}}}}],
                )
            )
        )
    ]
    return max(sizes)


def test_a_full_window_moves_its_oldest_half_into_a_page(book: Book) -> None:
    said = [book.say(f"{number}").id for number in range(WINDOW_MESSAGES)]
    assert book.window().paged_count == 0

    said.append(book.say("one more").id)

    window = book.window()
    assert window.paged_count == WINDOW_MESSAGES - KEPT_MESSAGES
    assert len(window.messages) == KEPT_MESSAGES + 1
    assert [entry["id"] for entry in stored_log(book)] == said


def test_turns_never_let_the_window_grow_beyond_its_cap(book: Book) -> None:
    said: list[str] = []
    for number in range(130):
        said += turn(book, f"question {number}", f"answer {number}")
        assert len(book.window().messages) <= WINDOW_MESSAGES + 1

    assert [entry["id"] for entry in stored_log(book)] == said
    assert book.shown(200) == said


@pytest.mark.parametrize("size", [3_000, 60_000, 127_999, 256_000, 400_000, 799_999, MAX_MESSAGE_BYTES])
def test_no_document_grows_over_two_megabytes(book: Book, size: int) -> None:
    content = "𝒳" * (size // 4)
    said: list[str] = []
    for _ in range(6):
        said += turn(book, content, content[: MAX_MESSAGE_BYTES // 4])
        assert largest_document(book) < LARGEST_DOCUMENT

    said.append(book.say(content).id)

    assert [entry["id"] for entry in stored_log(book)] == said
    assert largest_document(book) < LARGEST_DOCUMENT
    assert all(entry["content"] == content for entry in stored_log(book))
    pages = list(book.database["message_pages"].find())
    assert all(page["bytes"] <= PAGE_BYTES or page["count"] == 1 for page in pages)


def test_an_answer_that_has_no_room_makes_room_first(book: Book) -> None:
    window = book.window()
    asked = message(book, "x" * 900_000, None)
    running = generation(asked.id)
    assert book.begin_turn(window, asked, running)
    answer = message(book, "y" * 1_000_000, asked.id, Role.ASSISTANT, id=running.message_id)

    assert asked.size + answer.size > HARD_WINDOW_BYTES
    assert book.conversations.turns.end(answer)

    assert [entry["id"] for entry in stored_log(book)] == [asked.id, answer.id]


def test_an_answer_that_fills_the_window_moves_the_oldest_messages_first(book: Book) -> None:
    for _ in range(4):
        book.say("x" * 60_000)

    turn(book, "question", "y" * 60_000)

    assert book.window().byte_count <= KEPT_BYTES + 60_000


def test_a_message_larger_than_any_may_be_is_refused_before_it_is_stored(book: Book) -> None:
    with pytest.raises(ValueError, match="bytes"):
        book.say("x" * (MAX_MESSAGE_BYTES + 1))
    with pytest.raises(ValueError, match="bytes"):
        turn(book, "x" * (MAX_MESSAGE_BYTES + 1), "")

    assert stored_log(book) == []


def test_a_window_of_few_large_messages_is_shortened_by_bytes(book: Book) -> None:
    for _ in range(5):
        book.say("x" * 60_000)

    MessageOverflow(book.database).shorten(*book.key)

    assert book.window().byte_count <= KEPT_BYTES


def test_shortening_a_conversation_that_is_gone_does_nothing(book: Book) -> None:
    book.conversations.purge(*book.key)

    MessageOverflow(book.database).shorten(*book.key)

    assert book.database["message_pages"].count_documents({}) == 0


def test_a_window_that_changes_again_and_again_is_not_shortened_for_ever(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.repositories.message_overflow._ATTEMPTS", 5)
    said = [book.say(str(number)).id for number in range(WINDOW_MESSAGES)]
    tries: list[Feedback] = []

    def somebody_gives_feedback() -> None:
        tries.append(Feedback.UP if len(tries) % 2 else Feedback.DOWN)
        book.marks.annotate(*book.key, said[-1], {"feedback": tries[-1]})

    with armed("overflow.page_stored", somebody_gives_feedback):
        MessageOverflow(book.database).shorten(*book.key)

    assert len(tries) == 5
    assert book.window().paged_count == 0
    assert [entry["id"] for entry in stored_log(book)] == said
    book.say("and then it is")
    assert book.window().paged_count > 0
