"""Appends, moves, feedback and deletions at the same time, from threads with real parallel connections."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

from chatapp.errors import ConversationNotFound, MessageIdTaken, MessageNotFound
from chatapp.models.chat_models import Feedback
from chatapp.repositories.message_overflow import MessageOverflow
from chatapp.repositories.turns import SlotTaken
from tests.support.history import Book, generation, message, new_id, open_book, stored_log


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Runs all jobs, begun together, and gives what they return."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def check_history(book: Book, said: list[list[str]]) -> list[dict[str, Any]]:
    """All that was said is there once, each speaker's in order, each after the one before."""
    log = stored_log(book)
    ids = [entry["id"] for entry in log]
    assert sorted(ids) == sorted(id_ for own in said for id_ in own)
    for own in said:
        assert [id_ for id_ in ids if id_ in own] == own
    assert [entry["parentId"] for entry in log] == [None, *ids[:-1]]
    assert book.shown(200) == ids
    return log


def test_one_key_used_at_once_makes_one_conversation(book: Book) -> None:
    for _ in range(10):
        begin = partial(book.conversations.create, book.user_id, key=new_id())

        made = at_once(*[begin] * 6)

        assert made == [made[0]] * 6
    assert book.database["conversations"].count_documents({}) == 11


@pytest.mark.timeout(180)
def test_appends_moves_and_feedback_at_once_keep_each_message_once_and_in_order(book: Book) -> None:
    done = threading.Event()
    said: list[list[str]] = [[], [], []]
    feedback_given: dict[str, str | None] = {}

    def append(own: list[str]) -> None:
        for number in range(150):
            message_id = book.say(f"message {number}").id
            own.append(message_id)

    def move() -> None:
        overflow = MessageOverflow(book.database)
        while not done.is_set():
            overflow.shorten(*book.key)

    def give_feedback() -> None:
        chance = random.Random(7)
        while not done.is_set():
            ids = [id_ for own in said for id_ in own[-120:]]
            if not ids:
                continue
            id_ = chance.choice(ids)
            feedback = chance.choice([Feedback.UP, Feedback.DOWN, None])
            book.marks.annotate(*book.key, id_, {"feedback": feedback})
            feedback_given[id_] = feedback.value if feedback else None

    with ThreadPoolExecutor(6) as pool:
        background = [pool.submit(move), pool.submit(move), pool.submit(give_feedback)]
        for future in [pool.submit(append, own) for own in said]:
            future.result()
        done.set()
        for future in background:
            future.result()

    log = check_history(book, said)
    assert {entry["id"]: entry.get("feedback") for entry in log if entry["id"] in feedback_given} == feedback_given


def test_the_same_message_sent_at_once_is_stored_once(book: Book) -> None:
    for _ in range(20):
        id_ = new_id()
        sent = at_once(*[partial(book.say, "once", message_id=id_)] * 4)
        assert len(set(sent)) == 1

    assert len(stored_log(book)) == 20


def test_of_two_contents_with_one_id_one_is_stored(book: Book) -> None:
    for _ in range(20):
        id_ = new_id()

        def say(content: str, id_: str = id_) -> str | None:
            try:
                return book.say(content, message_id=id_).content
            except MessageIdTaken:
                return None

        assert sorted(map(str, at_once(lambda: say("a"), lambda: say("b")))) in (["None", "a"], ["None", "b"])


def test_of_turns_that_begin_at_once_one_gets_the_conversation(book: Book) -> None:
    for _ in range(20):
        window = book.window()
        begun: list[tuple[str, str]] = []

        def begin(slot: int, window: Any = window, begun: list[tuple[str, str]] = begun) -> bool:
            asked = message(book, f"question {slot}", window.conversation.active_message_id)
            running = generation(asked.id, slot)
            if not book.begin_turn(window, asked, running):
                return False
            begun.append((asked.id, running.message_id))
            return True

        assert sorted(at_once(lambda: begin(0), lambda: begin(1), lambda: begin(2))) == [False, False, True]
        ((asked_id, answer_id),) = begun
        answer = message(book, "answer", asked_id, id=answer_id)
        ended = at_once(*[partial(book.conversations.turns.end, answer)] * 3)
        assert sorted(ended) == [False, False, True]

    assert len(stored_log(book)) == 40


def test_a_users_slots_are_taken_once_each_across_conversations(database: Database[dict[str, Any]]) -> None:
    first = open_book(database)
    books = [first, *(open_book(database, first.user_id) for _ in range(5))]

    def begin(book: Book) -> bool:
        window = book.window()
        asked = message(book, "question", None)
        try:
            return book.begin_turn(window, asked, generation(asked.id, 0))
        except SlotTaken:
            return False

    assert sum(at_once(*[partial(begin, book) for book in books])) == 1
    assert len(first.conversations.turns.running()) == 1


def test_a_deletion_in_the_middle_leaves_nothing_behind(database: Database[dict[str, Any]]) -> None:
    for _ in range(5):
        book = open_book(database)
        for _ in range(99):
            book.say()

        def append(book: Book = book) -> None:
            try:
                for _ in range(60):
                    id_ = book.say().id
                    book.marks.annotate(*book.key, id_, {"feedback": Feedback.UP})
                    book.shown()
            except (ConversationNotFound, MessageNotFound):
                pass

        at_once(append, append, partial(book.conversations.purge, *book.key))

        with pytest.raises(ConversationNotFound):
            book.window()
        with pytest.raises(ConversationNotFound):
            book.say()
