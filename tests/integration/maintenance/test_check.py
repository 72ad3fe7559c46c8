"""Damage is found wherever it is, and what can be mended is mended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.failpoints import armed
from chatapp.generation.reap import Reaper
from chatapp.maintenance.check import Check, CheckResult
from chatapp.models.chat_models import Role
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, MESSAGE_OVERHEAD
from chatapp.repositories.message_overflow import MessageOverflow
from tests.support.api import make_app
from tests.support.history import Book, message, open_book, stored_log
from tests.support.long_conversations import store_conversation

LENGTH = 230


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A conversation of 230 messages in 4 pages and a window, with two branches, beside others that are well."""
    for _ in range(3):
        open_book(database).say()
    user_id = str(ObjectId())
    conversation_id = store_conversation(database, user_id, LENGTH - 1)
    book = Book(database, user_id, conversation_id, ConversationRepository(database), MessageRepository(database))
    book.say("edited", parent_id=book.shown(200)[100])
    return book


def checked(database: Database[dict[str, Any]], *, repair: bool = False) -> tuple[CheckResult, list[str]]:
    lines: list[str] = []
    return Check(database, lines.append).run(repair=repair), lines


def set_fields(book: Book, **fields: Any) -> None:
    book.database["conversations"].update_one({"_id": ObjectId(book.conversation_id)}, {"$set": fields})


def set_page(book: Book, first: int, **fields: Any) -> None:
    assert book.database["message_pages"].update_one({"firstPosition": first}, {"$set": fields}).matched_count


def lose_page(book: Book, first: int) -> None:
    assert book.database["message_pages"].delete_one({"firstPosition": first}).deleted_count


def test_what_the_application_writes_is_well(book: Book) -> None:
    for _ in range(130):
        book.say()
    book.conversations.purge(book.user_id, store_conversation(book.database, book.user_id, 120))
    book.conversations.create(book.user_id)

    result, lines = checked(book.database)

    assert lines == []
    assert (result.conversations, result.messages, result.found) == (5, LENGTH + 130 + 3, 0)


def test_a_repair_counts_again_what_is_stored_for_each_user(book: Book) -> None:
    users = book.database["users"]
    user = {"email": "ada@example.org", "name": "Ada", "passwordHash": "-", "createdAt": utc_now(), "settings": {}}
    users.insert_one({"_id": ObjectId(book.user_id), **user, "storedBytes": 1})

    assert checked(book.database)[0].is_well
    assert users.count_documents({"storedBytes": 1}) == 1
    checked(book.database, repair=True)

    texts = sum(len(entry["content"].encode()) for entry in stored_log(book))
    assert users.count_documents({"storedBytes": texts + LENGTH * MESSAGE_OVERHEAD + CONVERSATION_OVERHEAD}) == 1


MENDED: dict[str, tuple[Callable[[Book, list[str]], None], str]] = {
    "count": (lambda book, _: set_fields(book, messageCount=7), "it counts 7 messages, but has 230"),
    "bytes": (lambda book, _: set_fields(book, windowBytes=7), "its window counts 7 bytes, but has "),
    "page count": (lambda book, _: set_page(book, 50, count=3), "the page at position 50 counts 3 messages"),
    "page bytes": (lambda book, _: set_page(book, 100, bytes=3), "and 3 bytes, but has 50 and "),
    "active": (lambda book, _: set_fields(book, activeMessageId="gone"), "the active message gone does not exist"),
    "no active": (lambda book, _: set_fields(book, activeMessageId=None), "the active message None does not exist"),
    "no branches": (lambda book, _: set_fields(book, branches={}), "are listed wrongly"),
    "a child too many": (
        lambda book, ids: set_fields(book, **{f"branches.{ids[3]}": [ids[4], "gone"]}),
        "are listed wrongly",
    ),
}


@pytest.mark.parametrize("damage", MENDED)
def test_what_can_be_mended_is_found_and_mended(book: Book, damage: str) -> None:
    do, line = MENDED[damage]
    before = book.database["conversations"].find_one({"_id": ObjectId(book.conversation_id)})
    do(book, [entry["id"] for entry in stored_log(book)])

    found, lines = checked(book.database)
    assert (found.found, found.mended, found.is_well) == (1, 0, False)
    assert line in lines[0]
    assert lines[0].startswith(f"conversation {book.conversation_id}: ")

    mended, lines = checked(book.database, repair=True)
    assert (mended.found, mended.mended, mended.is_well) == (1, 1, True)
    assert lines[0].endswith(" (mended)")
    assert checked(book.database)[0].found == 0
    assert book.database["conversations"].find_one({"_id": ObjectId(book.conversation_id)}) == before
    stored_log(book)


LEFT: dict[str, tuple[Callable[[Book, list[str]], object], list[str]]] = {
    "a page": (
        lambda book, _: lose_page(book, 50),
        ["the messages at the positions 50 to 99 are missing", "does not exist"],
    ),
    "the last page": (
        lambda book, _: lose_page(book, 150),
        ["the messages at the positions 150 to 199 are missing", "does not exist"],
    ),
    "a parent": (
        lambda book, _: set_page(book, 50, **{"messages.3.parentId": "gone"}),
        ["the parent gone of message "],
    ),
    "an order": (
        lambda book, ids: set_page(book, 50, **{"messages.3.parentId": ids[60]}),
        ["does not precede it"],
    ),
    "a page beyond the pages": (
        lambda book, _: set_page(book, 150, firstPosition=500),
        ["a page begins at position 500, beyond the 200 in pages", "the positions 150 to 199", "does not exist"],
    ),
    "a conversation": (
        lambda book, _: book.database["conversations"].delete_one({"_id": ObjectId(book.conversation_id)}),
        ["it does not exist, but has pages"],
    ),
    "a message twice": (
        lambda book, ids: set_page(book, 50, **{"messages.3.id": ids[10]}),
        ["1 messages are there twice", "does not exist"],
    ),
}


@pytest.mark.parametrize("damage", LEFT)
def test_what_cannot_be_mended_is_found_and_left_as_it_is(book: Book, damage: str) -> None:
    do, expected = LEFT[damage]
    ids = [entry["id"] for entry in stored_log(book)]
    do(book, ids)
    before = list(book.database["message_pages"].find())

    result, lines = checked(book.database, repair=True)

    assert not result.is_well
    unmended = [line for line in lines if not line.endswith("(mended)")]
    for part in expected:
        assert any(part in line for line in unmended), lines
    assert list(book.database["message_pages"].find()) == before
    assert not any("Some words" in line or "Message number" in line for line in lines), "no content is shown"


def test_a_page_beyond_a_window_that_was_never_shortened_is_found(book: Book) -> None:
    other = open_book(book.database)
    other.say()
    page = book.database["message_pages"].find_one({"firstPosition": 50})
    assert page is not None
    stray = {
        **page,
        "_id": ObjectId(),
        "userId": ObjectId(other.user_id),
        "conversationId": ObjectId(other.conversation_id),
    }
    book.database["message_pages"].insert_one(stray)

    lines = checked(book.database)[1]

    assert lines == [f"conversation {other.conversation_id}: a page begins at position 50, beyond the 0 in pages"]


def test_a_move_that_a_crash_cut_off_is_no_damage(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    for _ in range(100):
        book.say()
    overflow = MessageOverflow(database)
    overflow.shorten(*book.key)
    document = database["conversations"].find_one()
    assert document is not None
    page = database["message_pages"].find_one()
    assert page is not None
    messages = page["messages"] + document["messages"]
    size = document["windowBytes"] + page["bytes"]
    set_fields(book, messages=messages, pagedCount=0, windowBytes=size)

    assert checked(database)[1] == []


def start_answer(book: Book, *, beats: bool) -> str:
    asked = message(book, "question", book.window().conversation.active_message_id)
    answer = message(book, "", asked.id, Role.ASSISTANT, model="model")
    assert book.conversations.turns.begin(book.window(), asked, answer, 0, title=None)
    if beats:
        write(book, answer.id, first=True, text="half an ans")
    return answer.id


def write(book: Book, answer_id: str, *, first: bool = False, text: str = "") -> None:
    write = GenerationWrite(answer_id, *book.key, first, Chunk(0, text))
    GenerationRepository(book.database).write("worker", [write])


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers take each other for dead after a second."""
    for module in ("chatapp.generation.reap", "chatapp.maintenance.abandoned"):
        monkeypatch.setattr(f"{module}.DEAD_AFTER", 1.0)
        monkeypatch.setattr(f"{module}.LOOK_EVERY", 0.2)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("beats", [True, False])
def test_a_running_answer_that_nobody_writes_is_found_and_ended_with_its_text(book: Book, beats: bool) -> None:
    answer_id = start_answer(book, beats=beats)
    line = f"conversation {book.conversation_id}: nobody writes the running answer {answer_id}"

    assert checked(book.database)[1] == [line]

    result, lines = checked(book.database, repair=True)
    assert (lines, result.is_well) == ([f"{line} (mended)"], True)
    ended = book.messages.find(*book.key, answer_id)[0]
    assert (ended.status.value, ended.content) == ("interrupted", "half an ans" if beats else "")
    assert checked(book.database)[0].found == 0


@pytest.mark.usefixtures("impatient")
def test_a_running_answer_that_nobody_writes_is_ended_too_where_each_look_takes_long(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Reaper.look

    def look_slowly(reaper: Reaper) -> None:
        look(reaper)
        time.sleep(0.5)

    monkeypatch.setattr(Reaper, "look", look_slowly)
    start_answer(book, beats=True)

    assert checked(book.database, repair=True)[0].is_well


@pytest.mark.usefixtures("impatient")
def test_a_running_answer_that_is_being_written_is_left_alone(book: Book) -> None:
    answer_id = start_answer(book, beats=True)
    done = threading.Event()

    def worker() -> None:
        while not done.wait(0.05):
            write(book, answer_id)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(worker)
        results = [checked(book.database, repair=repair) for repair in (False, True)]
        done.set()
        writing.result()

    assert [lines for _, lines in results] == [[], []]
    assert book.window().conversation.generation is not None


def test_what_is_written_meanwhile_does_not_look_like_damage(book: Book) -> None:
    """Three pages' worth of messages between reading the conversation and its pages."""

    def write_more() -> None:
        for _ in range(150):
            book.say("meanwhile")

    with armed("check.conversation_read", write_more):
        lines = checked(book.database)[1]

    assert lines == []
    assert checked(book.database)[0].messages > LENGTH + 100


def test_the_command_says_what_it_found_and_exits_with_1(book: Book) -> None:
    app: Flask = make_app(book.database)
    runner = app.test_cli_runner()
    well = runner.invoke(args=["check"])
    set_fields(book, messageCount=7)

    found, mended = runner.invoke(args=["check"]), runner.invoke(args=["check", "--repair"])

    assert (well.exit_code, well.output) == (0, "Checked 4 conversations with 233 messages.\n")
    assert found.exit_code == 1
    assert found.output.splitlines()[1:] == ["Checked 4 conversations with 233 messages.", "Found: 1. Mended: 0."]
    assert mended.exit_code == 0
    assert mended.output.splitlines()[-1] == "Found: 1. Mended: 1."
