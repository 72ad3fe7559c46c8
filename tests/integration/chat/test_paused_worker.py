"""A worker that stands still for longer than others wait, and then goes on as if nothing had happened."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Json, Person
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, FOUR_SECONDS, QUICK, is_beginning, words
from tests.support.listener import LOST_SECONDS, Listener
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TURNS = {
    "in the middle": ENDLESS,
    "ended meanwhile": FOUR_SECONDS,
    "hardly begun": ENDLESS,
    "followed by another": ENDLESS,
}


@dataclass
class Pause:
    """Turns of a worker that stood still, and what others did to them before it went on."""

    chats: dict[str, Chat]
    listeners: dict[str, Listener]
    stopped_at: float
    taken_over: dict[str, list[Json]]
    afterwards: dict[str, list[Json]]
    next_turn: Json


@pytest.fixture(scope="module")
def pause(backends: Backends, pair: Pair, provider: FakeProvider) -> Iterator[Pause]:
    """Stops a worker, waits until the pair has ended its answers, lets it go on, and waits for what it does."""
    with backends.server() as slow:
        alice = Person.register(slow.base_url)
        chats = {turn: alice.start(model=model) for turn, model in TURNS.items()}
        listeners = {turn: Listener(chats[turn].stream("Hi")) for turn in ("in the middle", "followed by another")}
        for listener in listeners.values():
            listener.wait_for_text(300)
        listeners["ended meanwhile"] = Listener(chats["ended meanwhile"].stream("Hi"))
        listeners["ended meanwhile"].wait_for_text(50)
        listeners["hardly begun"] = Listener(chats["hardly begun"].stream("Hi"))
        listeners["hardly begun"].wait_for(lambda heard: heard.started is not None)
        worker = slow.worker_pids()[0]
        os.kill(worker, signal.SIGSTOP)
        stopped_at = time.monotonic()
        there = {turn: chat.at(pair.there) for turn, chat in chats.items()}
        for chat in there.values():
            wait_until(lambda chat=chat: chat.header()["generation"] is None, 30, what="the take-over")  # type: ignore[misc]
        taken_over = {turn: chat.history() for turn, chat in there.items()}
        there["followed by another"].person.ask(
            "PATCH", f"/api/conversations/{there['followed by another'].conversation_id}", {"model": QUICK}
        )
        next_turn = there["followed by another"].say("Go on").body
        os.kill(worker, signal.SIGCONT)
        provider.wait_until(lambda state: not {ENDLESS, FOUR_SECONDS} & set(state["running"]))
        for listener in listeners.values():
            listener.to_the_end()
        time.sleep(1.0)
        afterwards = {turn: chat.history() for turn, chat in there.items()}
        yield Pause(chats, listeners, stopped_at, taken_over, afterwards, next_turn)


@pytest.mark.parametrize("turn", TURNS)
def test_what_another_has_ended_is_neither_overwritten_nor_doubled(pause: Pause, turn: str) -> None:
    _, answer = pause.taken_over[turn]
    assert answer["status"] == "interrupted"
    assert is_beginning(answer["content"])
    assert answer["content"].startswith(pause.listeners[turn].heard_by(pause.stopped_at - LOST_SECONDS))
    expected = list(pause.taken_over[turn])
    if turn == "followed by another":
        expected += [pause.next_turn["userMessage"], pause.next_turn["assistantMessage"]]
    assert pause.afterwards[turn] == expected


@pytest.mark.parametrize("turn", TURNS)
def test_those_who_listened_to_the_slow_worker_hear_what_the_other_has_stored(pause: Pause, turn: str) -> None:
    assert pause.listeners[turn].heard.answer == pause.taken_over[turn][1]


def test_the_slow_worker_takes_turns_again(pause: Pause) -> None:
    chat = pause.chats["in the middle"]
    chat.person.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    assert chat.say("And now?").answer["content"] == words(12)
    assert len(chat.history()) == 4
