"""While an answer is being written, the newest page shows it with what is stored of it so far."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.models.chat_models import Generation, Message, Role
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite, Unfinished
from tests.support.answers import body
from tests.support.history import Book, generation, message, new_id


@pytest.fixture
def book(alice: FlaskClient, database: Database[dict[str, Any]]) -> Book:
    """Alice's conversation, seen from below."""
    made = body(alice.post("/api/conversations/"))
    return Book(database, made["userId"], made["id"], ConversationRepository(database), MessageRepository(database))


def begin(book: Book, question: str = "question") -> Generation:
    window = book.window()
    asked = message(book, question, window.conversation.active_message_id)
    running = generation(asked.id)
    assert book.begin_turn(window, asked, running)
    return running


def write(book: Book, running: Generation, *parts: tuple[int, str]) -> None:
    generations = GenerationRepository(book.database)
    for at, text in parts:
        generations.write("worker", [GenerationWrite(running.message_id, *book.key, at == 0, Chunk(at, text))])


def end(book: Book, running: Generation, content: str) -> Message:
    answer = message(book, content, running.parent_id, Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.end(answer)
    GenerationRepository(book.database).delete(book.user_id, answer.id)
    return answer


def page(client: FlaskClient, book: Book, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/conversations/{book.conversation_id}/messages?{query}")
    assert answer.status_code == 200, answer.text
    return dict(body(answer))


def shown(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["content"], item["status"]) for item in found["items"]]


def test_it_is_there_before_its_first_text(alice: FlaskClient, book: Book) -> None:
    running = begin(book)

    found = page(alice, book)

    assert shown(found) == [("question", "complete"), ("", "streaming")]
    assert found["items"][1]["id"] == running.message_id
    assert found["items"][1]["parentId"] == running.parent_id
    header = body(alice.get(f"/api/conversations/{book.conversation_id}"))
    assert header["generation"].keys() == {"messageId", "startedAt"}
    assert header["generation"]["messageId"] == running.message_id


def test_it_has_the_text_that_is_stored_so_far(alice: FlaskClient, book: Book) -> None:
    running = begin(book)

    write(book, running, (0, "𝒳 "), (3, "and "), (3, "and so on"))

    assert shown(page(alice, book))[-1] == ("𝒳 and so on", "streaming")


def test_when_it_has_ended_it_is_a_message_like_any_other(alice: FlaskClient, book: Book) -> None:
    running = begin(book)
    write(book, running, (0, "some"))
    end(book, running, "some and the rest")

    assert shown(page(alice, book)) == [("question", "complete"), ("some and the rest", "complete")]


def test_it_counts_as_one_of_the_page_and_older_pages_go_on_before_it(alice: FlaskClient, book: Book) -> None:
    for number in range(3):
        end(book, begin(book, f"q{number}"), f"a{number}")
    begin(book, "q3")

    newest = page(alice, book, "limit=3")
    older = page(alice, book, f"limit=3&cursor={newest['nextCursor']}")
    oldest = page(alice, book, f"limit=3&cursor={older['nextCursor']}")

    assert [content for content, _ in shown(newest)] == ["a2", "q3", ""]
    assert [content for content, _ in shown(older)] == ["q1", "a1", "q2"]
    assert [content for content, _ in shown(oldest)] == ["q0", "a0"]
    assert oldest["nextCursor"] is None


def test_a_page_of_one_is_the_running_answer_alone(alice: FlaskClient, book: Book) -> None:
    begin(book)

    newest = page(alice, book, "limit=1")

    assert shown(newest) == [("", "streaming")]
    assert shown(page(alice, book, f"limit=1&cursor={newest['nextCursor']}")) == [("question", "complete")]


def test_another_answer_stands_among_its_siblings_while_it_is_written(alice: FlaskClient, book: Book) -> None:
    first = begin(book)
    end(book, first, "first")
    second = generation(first.parent_id)
    assert book.begin_turn(book.window(), None, second)

    found = page(alice, book)

    assert shown(found) == [("question", "complete"), ("", "streaming")]
    assert found["items"][1]["siblingIds"] == [first.message_id, second.message_id]


def test_nothing_else_is_written_meanwhile(alice: FlaskClient, book: Book) -> None:
    before = book.say()
    running = begin(book)
    path = f"/api/conversations/{book.conversation_id}"

    for answer in (
        alice.post(f"{path}/messages", json={"content": "too early"}),
        alice.patch(path, json={"activeMessageId": before.id}),
        alice.patch(path, json={"activeMessageId": running.message_id}),
        alice.patch(f"{path}/messages/{running.message_id}", json={"feedback": "up"}),
    ):
        assert answer.status_code == 409
        assert body(answer)["messageId"] == running.message_id

    assert alice.patch(path, json={"title": "named"}).status_code == 200
    assert alice.patch(f"{path}/messages/{before.id}", json={"feedback": "up"}).status_code == 200
    assert len(shown(page(alice, book))) == 3


def one(client: FlaskClient, book: Book, message_id: str) -> tuple[str, str]:
    answer = client.get(f"/api/conversations/{book.conversation_id}/messages/{message_id}")
    assert answer.status_code == 200, answer.text
    return body(answer)["content"], body(answer)["status"]


def test_it_can_be_read_by_its_id_as_it_grows(alice: FlaskClient, book: Book) -> None:
    running = begin(book)
    shown_texts = [one(alice, book, running.message_id)]
    write(book, running, (0, "Hello "))
    shown_texts.append(one(alice, book, running.message_id.upper()))
    write(book, running, (6, "there"))
    shown_texts.append(one(alice, book, running.message_id))
    end(book, running, "Hello there.")
    shown_texts.append(one(alice, book, running.message_id))

    assert shown_texts == [
        ("", "streaming"),
        ("Hello ", "streaming"),
        ("Hello there", "streaming"),
        ("Hello there.", "complete"),
    ]


def test_its_tag_changes_with_its_text(alice: FlaskClient, book: Book) -> None:
    running = begin(book)
    path = f"/api/conversations/{book.conversation_id}/messages/{running.message_id}"
    before = alice.get(path).headers["ETag"]
    assert alice.get(path, headers={"If-None-Match": before}).status_code == 304

    write(book, running, (0, "Hello"))

    assert alice.get(path, headers={"If-None-Match": before}).status_code == 200


def test_an_answer_that_ends_while_it_is_read_by_its_id_is_read_whole(
    alice: FlaskClient, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = begin(book)
    write(book, running, (0, "Hello"))
    read = GenerationRepository.read

    def end_first(repository: GenerationRepository, user_id: str, answer_id: str) -> Unfinished | None:
        monkeypatch.setattr(GenerationRepository, "read", read)
        end(book, running, "Hello there.")
        return read(repository, user_id, answer_id)

    monkeypatch.setattr(GenerationRepository, "read", end_first)

    assert one(alice, book, running.message_id) == ("Hello there.", "complete")


def test_a_message_is_read_by_its_id_from_a_page_too(alice: FlaskClient, book: Book) -> None:
    first = book.say("first")
    for number in range(120):
        book.say(str(number))
    assert book.window().paged_count

    assert one(alice, book, first.id) == ("first", "complete")
    unknown = alice.get(f"/api/conversations/{book.conversation_id}/messages/{new_id()}")
    assert unknown.status_code == 404
