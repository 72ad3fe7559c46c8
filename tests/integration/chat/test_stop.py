"""Stopping an answer, from wherever its reader is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person
from tests.support.fake_models import ENDLESS, NORMAL, QUICK, is_beginning
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider


def _wait_closed(provider: FakeProvider) -> None:
    """The provider's connection is gone."""
    provider.wait_until(lambda state: ENDLESS not in state["running"])


def _stopper(chat: Chat, pair: Pair, where: str) -> Chat:
    match where:
        case "another worker":
            return chat.at(pair.there)
        case "another session":
            return chat.at(pair.there).another_session()
        case "another device":
            return chat.another_session(chat.person.another_device(pair.there))
        case _:
            return chat


@pytest.mark.parametrize("where", ["the same worker", "another worker", "another session", "another device"])
def test_stop_closes_the_providers_connection_and_keeps_the_text(
    alice: Person, pair: Pair, provider: FakeProvider, where: str
) -> None:
    chat = alice.start(model=ENDLESS)
    stopper = _stopper(chat, pair, where)
    with chat.stream("Hi") as stream:
        stream.until_text(200)
        stopper.stop()
        _wait_closed(provider)
        heard = stream.rest()
    assert heard.answer["status"] == "stopped"
    assert "error" not in heard.answer
    assert heard.text == heard.answer["content"]
    assert len(heard.text) >= 200
    assert is_beginning(heard.text)
    kept = chat.at(pair.there).history()
    assert kept[-1] == heard.answer


def test_a_stopped_answer_does_not_grow(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=ENDLESS)
    with chat.stream("Hi") as stream:
        stream.until_text(100)
        chat.at(pair.there).stop()
        kept = chat.history()
        time.sleep(1.0)
        assert chat.history() == chat.at(pair.there).history() == kept
        assert stream.rest().answer == kept[-1]
    assert chat.header()["generation"] is None


@pytest.mark.parametrize("round_", range(8))
def test_an_answer_that_has_hardly_begun_can_be_stopped_from_both_workers_at_once(
    alice: Person, pair: Pair, provider: FakeProvider, threads: ThreadPoolExecutor, round_: int
) -> None:
    """The flag meets the answer's first flush at the same moment."""
    chat = alice.start(model=ENDLESS)
    with chat.stream("Hi") as stream:
        stream.until_started()
        time.sleep(round_ * 0.035)
        stops = [threads.submit(chat.at(server).stop) for server in [pair.here, pair.there] * 3]
        for stop in stops:
            stop.result()
        _wait_closed(provider)
        assert stream.rest().answer["status"] == "stopped"


def test_whoever_waits_for_the_answer_as_json_gets_what_was_written(
    alice: Person, pair: Pair, threads: ThreadPoolExecutor
) -> None:
    chat = alice.start(model=ENDLESS)
    waiting = threads.submit(chat.say, "Hi")
    wait_until(lambda: chat.header()["generation"] is not None)
    other = chat.at(pair.there).listen()
    assert other is not None
    with other:
        other.until_text()
    chat.at(pair.there).stop()
    reply = waiting.result()
    assert (reply.status, reply.answer["status"]) == (201, "stopped")
    assert reply.answer["content"]
    assert is_beginning(reply.answer["content"])


def test_a_listener_on_the_other_worker_hears_of_the_end(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=ENDLESS)
    with chat.stream("Hi") as stream:
        stream.until_text(100)
        other = chat.at(pair.there).listen()
        assert other is not None
        with other:
            other.until_text(50)
            chat.stop()
            there = other.rest()
        assert there.answer == stream.rest().answer
    assert there.text == there.answer["content"]


def test_stop_with_nothing_to_stop_is_204(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    chat.stop()
    answer = chat.say("Hi").answer
    chat.at(pair.there).stop()
    assert chat.history()[-1] == answer


def test_the_next_turn_can_be_sent_as_soon_as_stop_has_returned(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=ENDLESS)
    for number in range(4):
        with chat.stream(f"turn {number}") as stream:
            stream.until_text(10)
            chat.at(pair.there if number % 2 else pair.here).stop()
    assert [message["status"] for message in chat.history() if message["role"] == "assistant"] == ["stopped"] * 4


def test_deleting_the_conversation_for_good_ends_its_answer_and_closes_the_connection(
    alice: Person, pair: Pair, provider: FakeProvider
) -> None:
    chat = alice.start(model=ENDLESS)
    with chat.stream("Hi") as stream:
        stream.until_text(50)
        chat.at(pair.there).delete_for_good()
        _wait_closed(provider)
        assert stream.rest().answer["status"] == "interrupted"
    assert alice.call("GET", f"/api/conversations/{chat.conversation_id}").status == 404


def test_an_answer_is_finished_in_the_trash(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=NORMAL)
    with chat.stream("Hi") as stream:
        stream.until_text(50)
        alice.at(pair.there).ask("DELETE", f"/api/conversations/{chat.conversation_id}", expect=204)
        heard = stream.rest()
    assert heard.answer["status"] == "complete"
    assert chat.history()[-1] == heard.answer
    assert chat.say("More").status == 409
