"""Clients that leave, and how many answers may be written at once and for how long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person, Refused
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, FOUR_SECONDS, QUICK, is_beginning, words
from tests.support.processes import PATIENCE, wait_until
from tests.support.provider import FakeProvider

WORKER_LIMIT = 3
ANSWER_SECONDS = 3.0


@pytest.fixture(scope="module")
def narrow(backends: Backends) -> Iterator[str]:
    """A worker that writes few answers."""
    with backends.server({"CHATAPP_ANSWERS_PER_WORKER": str(WORKER_LIMIT)}) as server:
        yield server.base_url


@pytest.fixture(scope="module")
def brief(backends: Backends) -> Iterator[str]:
    """A worker that writes no answer for long."""
    with backends.server({"CHATAPP_ANSWER_TIMEOUT": str(ANSWER_SECONDS)}) as server:
        yield server.base_url


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_an_answer_goes_on_and_is_stored_when_its_client_leaves(alice: Person, pair: Pair, accept: str) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    if accept == "text/event-stream":
        with chat.stream("Hi") as stream:
            stream.until_text(20)
    else:
        _leave_at_once(chat)
    assert chat.header()["generation"] is not None
    wait_until(lambda: chat.at(pair.there).header()["generation"] is None, what="the end of the answer")
    assert [(message["status"], message["content"]) for message in chat.history()] == [
        ("complete", "Hi"),
        ("complete", words(50)),
    ]


def _leave_at_once(chat: Chat) -> None:
    """Asks for JSON, and is gone when the answer has begun but not ended."""
    with closing(HTTPConnection(urlsplit(chat.person.base_url).netloc)) as connection:
        headers = {"Cookie": chat.person.cookie, "Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", f"/api/chat/{chat.session_id}/message", '{"content": "Hi"}', headers)
        wait_until(lambda: chat.header()["generation"] is not None, what="the beginning of the answer")


def test_a_fifth_answer_at_once_is_429_on_every_worker_and_stores_nothing(alice: Person, pair: Pair) -> None:
    chats = [alice.start(model=ENDLESS).at(server) for server in (pair.here, pair.there) * 2]
    for chat in chats:
        with chat.stream("Hi") as stream:
            stream.until_started()
    fifth = alice.start(model=QUICK)
    for server in (pair.here, pair.there):
        reply = fifth.at(server).say("Hi")
        assert reply.status == reply.body["code"] == 429
        assert int(reply.headers["Retry-After"]) > 0
    assert fifth.history() == []
    assert Person.register(pair.there).start(model=QUICK).say("Hi").status == 201

    chats[1].at(pair.here).stop()
    assert fifth.say("Hi").status == 201
    for chat in chats:
        chat.stop()


def test_a_worker_writes_no_more_answers_than_it_may_and_says_so(narrow: str, provider: FakeProvider) -> None:
    alice, bob = Person.register(narrow), Person.register(narrow).start(model=QUICK)
    chats = [alice.start(model=ENDLESS) for _ in range(WORKER_LIMIT)]
    for chat in chats:
        with chat.stream("Hi") as stream:
            stream.until_started()
    reply = bob.say("Hi")
    assert reply.status == reply.body["code"] == 503
    assert int(reply.headers["Retry-After"]) > 0
    with pytest.raises(Refused) as refused:
        bob.stream("Hi")
    assert refused.value.reply.status == 503
    assert bob.history() == []
    for chat in chats:
        chat.stop()
    assert bob.say("Hi").status == 201


def test_an_answer_that_takes_too_long_is_ended_with_its_text(brief: str, provider: FakeProvider) -> None:
    chat = Person.register(brief).start(model=ENDLESS)
    began = time.monotonic()
    with chat.stream("Hi") as stream:
        heard = stream.rest()
    assert ANSWER_SECONDS <= time.monotonic() - began < ANSWER_SECONDS + PATIENCE
    assert (heard.answer["status"], heard.answer["error"]["code"]) == ("interrupted", "timeout")
    assert heard.text == heard.answer["content"]
    assert is_beginning(heard.text)
    assert chat.history()[-1] == heard.answer
    provider.wait_until(lambda state: ENDLESS not in state["running"])


def test_an_answer_that_takes_too_long_is_504_for_whoever_waits(brief: str) -> None:
    reply = Person.register(brief).start(model=ENDLESS).say("Hi")
    assert (reply.status, reply.answer["status"]) == (504, "interrupted")
    assert reply.answer["content"]
