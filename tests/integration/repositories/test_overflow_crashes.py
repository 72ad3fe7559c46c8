"""Moving messages into pages, killed between any two of its steps."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest

from chatapp.failpoints import armed
from chatapp.models.chat_models import Feedback, Message, Role
from chatapp.repositories.message_overflow import MessageOverflow
from tests.support.history import Book, generation, message, stored_log

STEPS = ("overflow.window_read", "overflow.page_stored", "overflow.trimmed")


@dataclass
class Crash:
    """What a killed process had been told was stored: messages in order, and those with feedback."""

    said: list[str]
    liked: set[str]


def crash(book: Book, uri: str, point: str, count: int = 130) -> Crash:
    command = [sys.executable, "-m", "tests.support.appender", uri, book.database.name, *book.key, str(count)]
    environ = {**os.environ, "CHATAPP_FAILPOINTS": point}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    lines = done.stdout.split()
    return Crash([line for line in lines if line[0] != "+"], {line[1:] for line in lines if line[0] == "+"})


def liked(book: Book) -> set[str]:
    return {entry["id"] for entry in stored_log(book) if entry.get("feedback") == "up"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("times", [1, 2])
def test_killed_after_a_step_each_message_is_in_the_history_once_and_in_order(
    book: Book, mongodb_uri: str, step: str, times: int
) -> None:
    left = crash(book, mongodb_uri, f"{step}=kill@{times}", 170)

    assert [entry["id"] for entry in stored_log(book)] == left.said
    assert book.shown() == left.said
    assert liked(book) == left.liked

    later = [book.say(f"later {number}").id for number in range(120)]

    assert [entry["id"] for entry in stored_log(book)] == left.said + later
    assert book.shown() == left.said + later
    assert liked(book) == left.liked


def test_feedback_given_after_a_crash_is_not_lost_when_the_move_is_finished(book: Book, mongodb_uri: str) -> None:
    left = crash(book, mongodb_uri, "overflow.page_stored=kill")
    book.marks.annotate(*book.key, left.said[1], {"feedback": Feedback.DOWN})
    book.marks.annotate(*book.key, left.said[0], {"feedback": None})

    MessageOverflow(book.database).shorten(*book.key)

    log = stored_log(book)
    assert book.window().paged_count > 0
    assert log[1]["feedback"] == "down"
    assert "feedback" not in log[0]
    assert book.messages.find(*book.key, left.said[1])[0].feedback is Feedback.DOWN


def test_feedback_goes_into_no_page_whose_move_is_unfinished_though_its_message_changes_meanwhile(book: Book) -> None:
    said = [book.say().id for _ in range(100)]
    seen: list[Feedback | None] = []

    def crash() -> None:
        raise SystemExit

    def like_it_first(found: Message) -> bool:
        seen.append(found.feedback)
        if len(seen) == 1:
            book.marks.annotate(*book.key, said[0], {"feedback": Feedback.UP})
        return True

    with armed("overflow.page_stored", crash), pytest.raises(SystemExit):
        book.say()
    book.marks.annotate(*book.key, said[0], {"comment": "Right."}, only_if=like_it_first)
    book.say()

    assert seen == [None, Feedback.UP]
    assert book.window().paged_count > 0
    assert [stored_log(book)[0][name] for name in ("feedback", "comment")] == ["up", "Right."]


def test_a_move_is_finished_with_the_messages_that_it_was_begun_with(book: Book, mongodb_uri: str) -> None:
    left = crash(book, mongodb_uri, "overflow.page_stored=kill")
    window = book.window()
    asked = message(book, "question", left.said[-1])
    running = generation(asked.id)
    assert book.begin_turn(window, asked, running)
    answer = message(book, "answer", asked.id, Role.ASSISTANT, id=running.message_id)

    assert book.conversations.turns.end(answer)

    assert book.window().paged_count > 0
    assert book.shown() == [*left.said, asked.id, answer.id]
    assert [entry["id"] for entry in stored_log(book)] == [*left.said, asked.id, answer.id]


@pytest.mark.parametrize("step", ["overflow.window_read", "overflow.page_stored"])
def test_feedback_given_in_the_middle_of_a_move_is_kept(book: Book, step: str) -> None:
    said = [book.say().id for _ in range(100)]
    given: list[str] = []

    def give_feedback() -> None:
        if not given:
            given.append(said[0])
            book.marks.annotate(*book.key, said[0], {"feedback": Feedback.UP})

    with armed(step, give_feedback):
        said.append(book.say().id)

    assert book.window().paged_count > 0
    assert [entry["id"] for entry in stored_log(book)] == said
    assert stored_log(book)[0]["feedback"] == "up"


@pytest.mark.parametrize("step", ["overflow.window_read", "overflow.page_stored"])
def test_a_mover_that_was_slow_changes_nothing_when_another_has_finished(book: Book, step: str) -> None:
    said = [book.say().id for _ in range(100)]
    raced: list[bool] = []

    def finish_first() -> None:
        if not raced:
            raced.append(True)
            MessageOverflow(book.database).shorten(*book.key)
            book.marks.annotate(*book.key, said[0], {"feedback": Feedback.UP})
            said.extend(book.say().id for _ in range(70))

    with armed(step, finish_first):
        MessageOverflow(book.database).shorten(*book.key)

    assert [entry["id"] for entry in stored_log(book)] == said
    assert stored_log(book)[0]["feedback"] == "up"


@pytest.mark.parametrize("step", ["overflow.window_read", "overflow.page_stored"])
def test_a_move_that_a_deletion_overtakes_leaves_nothing_to_see(book: Book, step: str) -> None:
    for _ in range(100):
        book.say()
    purged: list[bool] = []

    def purge() -> None:
        if not purged:
            purged.append(True)
            book.conversations.purge(*book.key)

    with armed(step, purge):
        MessageOverflow(book.database).shorten(*book.key)

    document = book.database["conversations"].find_one()
    assert document is not None
    assert "messages" not in document
