"""``kill -9`` of a worker, or of everything, in the middle of turns."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.support.chat_client import Chat, Json, Person, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, FOUR_SECONDS, QUICK, is_beginning, words
from tests.support.listener import LOST_SECONDS, Listener
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess
from tests.support.sse import Heard

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ENDED_WITHIN = 30.0


@dataclass
class Crash:
    """What people had been told when a crash came at ``at`` (monotonic seconds), by the turn they were in."""

    at: float = 0.0
    chats: dict[str, Chat] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    history: dict[str, list[Json]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    resumed: dict[str, Heard] = field(default_factory=dict)
    all_ended_after: float = 0.0

    def begin(self, turn: str, chat: Chat, **fields: object) -> Listener:
        self.chats[turn] = chat
        self.listeners[turn] = Listener(chat.stream("Hi", **fields))
        return self.listeners[turn]

    def resume(self, turn: str) -> Heard:
        """The client of a lost connection goes on where it was."""
        stream = self.chats[turn].listen(last_event_id=self.listeners[turn].heard.place)
        assert stream is not None
        with stream:
            return stream.rest()

    def streaming(self, turn: str) -> bool:
        return any(message["status"] == "streaming" for message in self.chats[turn].history())

    def wait_for_the_end_of_all(self) -> None:
        """Reads every history as soon as no answer is ``streaming`` any more."""
        deadline = self.at + ENDED_WITHIN
        for turn, chat in self.chats.items():
            wait_until(lambda turn=turn: not self.streaming(turn), deadline - time.monotonic(), what="the end")  # type: ignore[misc]
            self.history[turn] = chat.history()

    def check_interrupted(self, turn: str) -> Json:
        """The answer ended with its text, of which no more than the last second is missing."""
        question, answer = self.history[turn]
        assert question["content"] == "Hi"
        assert answer["status"] == "interrupted"
        assert answer["error"]["code"] == "interrupted"
        assert is_beginning(answer["content"])
        assert answer["content"].startswith(self.listeners[turn].heard_by(self.at - LOST_SECONDS))
        return answer


@pytest.fixture(scope="module")
def crashes(backends: Backends) -> Iterator[tuple[Crash, Crash]]:
    """Both kinds at once, each with a server of its own: they mostly wait."""
    with (
        backends.server(workers=2) as all_of_it,
        backends.server(workers=2) as one_of_it,
        ThreadPoolExecutor(2) as threads,
    ):
        both = threads.submit(_kill_everything, all_of_it), threads.submit(_kill_one_worker, one_of_it)
        yield both[0].result(), both[1].result()


@pytest.fixture
def everything_killed(crashes: tuple[Crash, Crash]) -> Crash:
    return crashes[0]


@pytest.fixture
def one_killed(crashes: tuple[Crash, Crash]) -> Crash:
    return crashes[1]


def _kill_everything(server: ServerProcess) -> Crash:
    """Both workers and their master die while people are in the middle of turns; then the server is started again."""
    crash = Crash()
    alice, bob = Person.register(server.base_url), Person.register(server.base_url)
    for turn in ("first", "second", "third"):
        crash.begin(turn, alice.start(model=ENDLESS))
    for listener in crash.listeners.values():
        listener.wait_for_text(900)
    crash.begin("ended", bob.start(model=QUICK)).wait_for(lambda heard: heard.ended is not None)
    crash.begin("started", bob.start(model=FOUR_SECONDS)).wait_for(lambda heard: heard.started is not None)
    crash.at = time.monotonic()
    server.kill_all()
    for listener in crash.listeners.values():
        listener.to_the_end()
    server.start()
    crash.history["at once"] = crash.chats["started"].history()
    crash.wait_for_the_end_of_all()
    return crash


@contextmanager
def standing_still(worker: int) -> Iterator[None]:
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


def _kill_one_worker(server: ServerProcess) -> Crash:
    """One of two dies; those who lost their connection go on listening where they were, on the other."""
    crash = Crash()
    people = [Person.register(server.base_url) for _ in range(3)]
    for number in range(8):
        crash.ids[f"turn {number}"] = new_id()
        chat = people[number % 3].start(model=ENDLESS)
        with standing_still(server.worker_pids()[number % 2]):  # so that each of them has four
            crash.begin(f"turn {number}", chat, id=crash.ids[f"turn {number}"])
    for listener in crash.listeners.values():
        listener.wait_for_text(300)
    crash.at = time.monotonic()
    os.kill(server.worker_pids()[0], signal.SIGKILL)
    wait_until(
        lambda: sum(not listener.listening for listener in crash.listeners.values()) >= 4,
        what="the end of the connections to the dead worker",
    )
    crash.lost = [turn for turn, listener in crash.listeners.items() if not listener.listening]
    with ThreadPoolExecutor(8) as threads:
        for turn, heard in zip(crash.lost, threads.map(crash.resume, crash.lost), strict=True):
            crash.resumed[turn] = heard
    crash.all_ended_after = time.monotonic() - crash.at
    crash.history = {turn: crash.chats[turn].history() for turn in crash.lost}
    return crash


@pytest.mark.parametrize("turn", ["first", "second", "third"])
def test_after_a_crash_of_everything_no_answer_is_streaming_and_its_text_is_kept(
    everything_killed: Crash, turn: str
) -> None:
    assert everything_killed.listeners[turn].broken
    assert len(everything_killed.check_interrupted(turn)["content"]) > 500
    assert everything_killed.chats[turn].header()["generation"] is None


def test_what_was_sent_is_stored_once_start_was_heard(everything_killed: Crash) -> None:
    started = everything_killed.listeners["started"].heard.started
    assert started is not None
    assert everything_killed.history["at once"][0] == started["userMessage"]
    assert everything_killed.history["started"][0] == started["userMessage"]
    everything_killed.check_interrupted("started")


def test_what_was_answered_is_stored_once_end_was_heard(everything_killed: Crash) -> None:
    heard = everything_killed.listeners["ended"].heard
    assert everything_killed.history["ended"][1] == heard.answer
    assert heard.answer["content"] == words(12)


@pytest.mark.parametrize("turn", ["first", "started", "ended"])
def test_the_next_turn_works_after_a_crash(everything_killed: Crash, turn: str) -> None:
    chat = everything_killed.chats[turn]
    chat.person.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    reply = chat.say("And now?")
    assert reply.answer["content"] == words(12)
    assert chat.history() == [*everything_killed.history[turn], reply.question, reply.answer]


def test_a_worker_that_dies_takes_only_its_own_answers(one_killed: Crash) -> None:
    going_on = set(one_killed.listeners) - set(one_killed.lost)
    assert going_on
    assert one_killed.lost
    for turn in going_on:
        listener = one_killed.listeners[turn]
        listener.wait_for_text(len(listener.heard.text) + 50)
        one_killed.chats[turn].stop()
        assert listener.to_the_end().answer["status"] == "stopped"
        assert listener.heard.text == listener.heard.answer["content"]


def test_listeners_of_a_dead_worker_hear_the_end_from_another(one_killed: Crash) -> None:
    assert one_killed.all_ended_after < ENDED_WITHIN
    for turn in one_killed.lost:
        assert one_killed.check_interrupted(turn) == one_killed.resumed[turn].answer


def test_a_message_sent_again_after_its_worker_died_is_answered_from_what_is_stored(
    one_killed: Crash, provider: FakeProvider
) -> None:
    asked = provider.total
    for turn in one_killed.lost:
        again = one_killed.chats[turn].say("Hi", id=one_killed.ids[turn])
        assert [again.question, again.answer] == one_killed.history[turn]
    assert provider.total == asked
