"""SIGTERM and rolling restarts: what runs is finished or kept, and clients come back on another worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException

import pytest

from tests.support.chat_client import Chat, Json, Person, Refused, Reply, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, QUICK, SIX_SECONDS, is_beginning, words
from tests.support.listener import Listener
from tests.support.processes import wait_until
from tests.support.sse import EventStream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GRACE = 15.0
SHORT_GRACE = {"GUNICORN_CMD_ARGS": f"--graceful-timeout {GRACE:.0f}"}
"""Of it, the last seconds are for storing what is cut short."""


@dataclass
class Restart:
    """What people went through while a server was told to end, or to replace its workers."""

    listeners: dict[str, Listener] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    waited: dict[str, Reply] = field(default_factory=dict)
    meanwhile: list[int] = field(default_factory=list)
    history: dict[str, list[Json]] = field(default_factory=dict)
    seconds: float = 0.0
    events_let_go_after: float = 0.0

    def begin(self, alice: Person, models: dict[str, str]) -> None:
        self.chats = {turn: alice.start(model=model) for turn, model in models.items()}
        for turn, chat in self.chats.items():
            self.listeners[turn] = Listener(chat.stream("Hi"))
        for listener in self.listeners.values():
            listener.wait_for_text(40)

    def listen_to_events(self, events: EventStream) -> None:
        """Notes how long it takes until the old workers let their listeners go."""
        began = time.monotonic()
        with events:
            for _ in events:
                pass
        self.events_let_go_after = time.monotonic() - began

    def send_new_turns(self, chat: Chat) -> None:
        """A new turn every 0.2 s for as long as the server takes any."""
        for _ in range(10):
            self.meanwhile.append(_new_turn(chat))
            time.sleep(0.2)


def _new_turn(chat: Chat) -> int:
    """How it is answered; 0 stands for a connection refused."""
    try:
        return chat.say("Now?", id=new_id()).status
    except (OSError, HTTPException):
        return 0


@pytest.fixture(scope="module")
def ended(backends: Backends) -> Iterator[Restart]:
    """SIGTERM while answers of six seconds and endless ones are being written; then the server is started again."""
    restart = Restart()
    with backends.server(SHORT_GRACE, workers=2) as server, ThreadPoolExecutor(8) as threads:
        alice, bob = Person.register(server.base_url), Person.register(server.base_url)
        asked = backends.provider.total
        turns = {"ends in time": SIX_SECONDS, "endless": ENDLESS, "left": SIX_SECONDS}
        restart.begin(alice, turns)
        restart.listeners["left"].hang_up()
        waiting = {
            model: threads.submit(Person.register(server.base_url).start(model=model).say, "Hi")
            for model in (SIX_SECONDS, ENDLESS)
        }
        backends.provider.wait_until(lambda state: state["total"] == asked + len(turns) + len(waiting))
        new_turns, before = bob.start(model=QUICK), bob.start(model=QUICK)
        events = threads.submit(restart.listen_to_events, bob.events())
        ending = threads.submit(server.terminate)
        wait_until(lambda: _new_turn(before) == 0, what="that the last worker, too, has heard of its end")
        restart.send_new_turns(new_turns)
        restart.seconds = ending.result()
        restart.waited = {model: reply.result() for model, reply in waiting.items()}
        events.result()
        server.start()
        restart.chats["new"] = new_turns
        restart.history = {turn: chat.history() for turn, chat in restart.chats.items()}
        yield restart


def test_an_answer_that_ends_within_the_grace_period_is_heard_and_stored_whole(ended: Restart) -> None:
    heard = ended.listeners["ends in time"].to_the_end()
    assert heard.text == words(300)
    assert ended.history["ends in time"][1] == heard.answer
    assert heard.answer["status"] == "complete"


def test_an_answer_that_nobody_listens_to_is_finished_all_the_same(ended: Restart) -> None:
    assert [message["status"] for message in ended.history["left"]] == ["complete", "complete"]
    assert ended.history["left"][1]["content"] == words(300)


def test_an_answer_that_takes_longer_ends_interrupted_with_all_its_text(ended: Restart) -> None:
    heard = ended.listeners["endless"].to_the_end()
    assert heard.answer["status"] == "interrupted"
    assert heard.answer["error"]["code"] == "interrupted"
    assert heard.text == heard.answer["content"]
    assert is_beginning(heard.text)
    assert ended.history["endless"][1] == heard.answer


def test_whoever_waits_for_json_gets_the_answer_or_503_with_what_was_written(ended: Restart) -> None:
    whole, cut = ended.waited[SIX_SECONDS], ended.waited[ENDLESS]
    assert (whole.status, whole.answer["content"]) == (201, words(300))
    assert (cut.status, cut.answer["status"]) == (503, "interrupted")
    assert int(cut.headers["Retry-After"]) > 0
    assert is_beginning(cut.answer["content"])


def test_the_server_ends_within_its_grace_period(ended: Restart) -> None:
    assert ended.seconds < GRACE + 2


def test_it_takes_no_new_turn_once_it_is_told_to_end(ended: Restart) -> None:
    assert set(ended.meanwhile) <= {0, 503}
    assert ended.history["new"] == []


def test_listeners_for_changes_are_let_go_before_the_answers_have_ended(ended: Restart) -> None:
    assert ended.events_let_go_after < ended.seconds


@dataclass
class Rolled:
    """A rolling restart as those saw it who chatted through it."""

    restart: Restart
    old_workers: list[int]
    new_workers: list[int]
    resumed_text: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def rolled(backends: Backends) -> Iterator[Rolled]:
    """SIGHUP while six answers are being written, each with listeners on both workers who come back when let go."""
    restart = Restart()
    with backends.server(workers=2) as server, ThreadPoolExecutor(16) as threads:
        alice, bob = Person.register(server.base_url), Person.register(server.base_url)
        restart.begin(alice, {f"turn {number}": SIX_SECONDS for number in range(4)})
        again = {
            turn: threads.submit(_listen_to_the_end, chat)
            for number in range(3)
            for turn, chat in ((f"{name} listener {number}", chat) for name, chat in restart.chats.items())
        }
        time.sleep(0.5)
        old = server.worker_pids()
        server.signal(signal.SIGHUP)
        new_turns = bob.start(model=QUICK)
        restart.send_new_turns(new_turns)
        while restart.meanwhile[-3:] != [201] * 3 or not set(server.worker_pids()) - set(old):
            restart.send_new_turns(new_turns)
        for listener in restart.listeners.values():
            listener.to_the_end()
        resumed = {turn: listening.result() for turn, listening in again.items()}
        wait_until(lambda: not set(old) & set(server.worker_pids()), GRACE + 5, what="the end of the old workers")
        restart.history = {turn: chat.history() for turn, chat in restart.chats.items()}
        yield Rolled(restart, old, server.worker_pids(), resumed)


def _listen_to_the_end(chat: Chat) -> str:
    """Listens as a browser does: it comes back with its last event id whenever the connection ends without an end."""
    text, place = "", 0
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError, HTTPException, Refused):
            stream = chat.listen(last_event_id=place)
            if stream is None:
                return text + str(chat.history()[-1]["content"])[len(text) :]
            with stream:
                stream.rest()
            text, place = text + stream.heard.text, stream.heard.place
            if stream.heard.ended is not None:
                return text
        time.sleep(0.05)
    raise TimeoutError("the answer did not end")


def test_answers_that_run_during_a_rolling_restart_are_whole(rolled: Rolled) -> None:
    for turn, listener in rolled.restart.listeners.items():
        assert listener.heard.text == words(300)
        assert rolled.restart.history[turn][1] == listener.heard.answer


def test_listeners_who_were_let_go_get_the_rest_from_a_new_worker(rolled: Rolled) -> None:
    assert len(rolled.resumed_text) == 12
    assert set(rolled.resumed_text.values()) == {words(300)}


def test_new_turns_go_to_the_new_workers(rolled: Rolled) -> None:
    assert set(rolled.restart.meanwhile) <= {201, 503}
    assert len(rolled.new_workers) == 2
    assert not set(rolled.old_workers) & set(rolled.new_workers)


def test_workers_that_are_told_to_end_one_by_one_are_replaced(backends: Backends) -> None:
    with backends.server(workers=2) as server:
        chat = Person.register(server.base_url).start(model=SIX_SECONDS)
        listener = Listener(chat.stream("Hi"))
        listener.wait_for_text(40)
        old = server.worker_pids()
        for worker in old:
            os.kill(worker, signal.SIGTERM)
        assert listener.to_the_end().answer["content"] == words(300)
        wait_until(lambda: len(set(server.worker_pids()) - set(old)) == 2, what="two new workers")
        assert [message["status"] for message in chat.history()] == ["complete", "complete"]
