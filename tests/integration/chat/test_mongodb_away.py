"""MongoDB stands still, is restarted, or has no primary, in the middle of answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pytest

from tests.support.chat_client import Chat, Json, Person, Reply, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, NORMAL, QUICK, SIX_SECONDS, is_beginning, words
from tests.support.listener import LOST_SECONDS, Listener
from tests.support.mongod import Mongod
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess
from tests.support.sse import EventStream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AWAY = 10.0
"""Seconds, and for as long as an election takes the application waits: ``SHORT`` makes it wait for less."""

SHORT = "&timeoutMS=2500"


def _stand_still(mongod: Mongod) -> Callable[[], None]:
    mongod.freeze()
    return mongod.thaw


def _stop(mongod: Mongod) -> Callable[[], None]:
    mongod.stop()
    return mongod.start


def _step_down(mongod: Mongod) -> Callable[[], None]:
    mongod.step_down(int(AWAY))
    return lambda: None


REFUSED = {"it stands still": _stand_still, "it is restarted": _stop, "its primary steps down": _step_down}
OUTLASTED = {"it is outlasted": _stop}
WAYS = {**REFUSED, **OUTLASTED}


@dataclass
class Outage:
    """What people were told before, during and after MongoDB was away; times are monotonic seconds."""

    chats: dict[str, Chat] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)
    before: list[Json] = field(default_factory=list)
    began: float = 0.0
    over: float = 0.0
    meanwhile: dict[str, tuple[float, Reply]] = field(default_factory=dict)
    crowd: list[Chat] = field(default_factory=list)
    crowd_replies: list[tuple[float, Reply]] = field(default_factory=list)
    crowd_history: list[list[Json]] = field(default_factory=list)
    sent_meanwhile: str = ""
    sent_again: Reply | None = None
    history: dict[str, list[Json]] = field(default_factory=dict)
    log: str = ""

    def begin(self, turn: str, chat: Chat) -> None:
        self.chats[turn] = chat
        self.listeners[turn] = Listener(chat.stream("Hi"))


def _outage(provider: FakeProvider, go_away: Callable[[Mongod], Callable[[], None]], limit: str) -> Outage:
    """One application with a MongoDB of its own, which goes away for a while. A failure is reported with its log."""
    outage = Outage(sent_meanwhile=new_id())
    with Mongod() as mongod, Backends.on(mongod.uri + limit, provider).server(workers=2) as server:
        try:
            _go_through(outage, mongod, server, go_away)
        finally:
            outage.log = server.logs
            sys.stdout.write(outage.log)
    return outage


def _go_through(
    outage: Outage, mongod: Mongod, server: ServerProcess, go_away: Callable[[Mongod], Callable[[], None]]
) -> None:
    with ThreadPoolExecutor(15) as threads:
        alice, bob = Person.register(server.base_url), Person.register(server.base_url)
        quiet = bob.start(model=QUICK)
        reply = quiet.say("Hi")
        outage.before = [reply.question, reply.answer]
        events = bob.events()
        outage.begin("goes on", alice.start(model=SIX_SECONDS))
        outage.begin("is stopped later", alice.start(model=ENDLESS))
        outage.begin("ends meanwhile", alice.start(model=NORMAL))
        for listener in outage.listeners.values():
            listener.wait_for_text(100)
        people = [Person.register(server.base_url) for _ in range(3)]
        outage.crowd = [people[number % 3].start(model=QUICK) for number in range(12)]
        sending = [threads.submit(_timed, partial(chat.say, "Hi", id=new_id())) for chat in outage.crowd]
        outage.began = time.monotonic()
        come_back = go_away(mongod)
        calls: dict[str, Callable[[], Reply]] = {
            "reading": lambda: bob.call("GET", f"/api/chat/{quiet.session_id}/history"),
            "sending": lambda: quiet.say("Meanwhile", id=outage.sent_meanwhile),
            "readiness": lambda: bob.call("GET", "/readyz"),
        }
        trying = {what: threads.submit(_timed, call) for what, call in calls.items()}
        time.sleep(max(0.0, outage.began + AWAY - time.monotonic()))
        come_back()
        wait_until(lambda: bob.call("GET", "/readyz").status == 200, what="the return of MongoDB")
        outage.over = time.monotonic()
        outage.meanwhile = {what: tried.result() for what, tried in trying.items()}
        outage.crowd_replies = [sent.result() for sent in sending]
        outage.crowd_history = [chat.history() for chat in outage.crowd]
        _afterwards(outage, quiet)
        _check_events_go_on(events, bob)


def _timed(call: Callable[[], Reply]) -> tuple[float, Reply]:
    began = time.monotonic()
    reply = call()
    return time.monotonic() - began, reply


def _afterwards(outage: Outage, quiet: Chat) -> None:
    goes_on = outage.chats["is stopped later"]
    time.sleep(2.0)
    goes_on.stop()
    for listener in outage.listeners.values():
        listener.to_the_end()
    outage.sent_again = quiet.say("Meanwhile", id=outage.sent_meanwhile)
    outage.chats["quiet"] = quiet
    outage.history = {turn: chat.history() for turn, chat in outage.chats.items()}


def _check_events_go_on(events: EventStream, bob: Person) -> None:
    """Who listened to changes all the while is told, or the connection was ended so that it can come back."""
    new = bob.start(model=QUICK)
    with events:
        for event in events:
            if event.data.get("conversationId") == new.conversation_id:
                return
    assert events.broken


@pytest.fixture(scope="module")
def outages(provider: FakeProvider) -> Iterator[dict[str, Outage]]:
    """All kinds at once, each with its own server: they mostly wait."""
    with ThreadPoolExecutor(len(WAYS)) as threads:
        running = {
            way: threads.submit(_outage, provider, go_away, SHORT if way in REFUSED else "")
            for way, go_away in WAYS.items()
        }
        yield {way: outage.result() for way, outage in running.items()}


@pytest.fixture(params=WAYS)
def outage(request: pytest.FixtureRequest, outages: dict[str, Outage]) -> Outage:
    outage = outages[request.param]
    sys.stdout.write(outage.log)
    return outage


@pytest.mark.parametrize("outage", REFUSED, indirect=True)
def test_where_it_takes_too_long_the_api_answers_503_and_when_to_try_again(outage: Outage) -> None:
    for what, (seconds, reply) in outage.meanwhile.items():
        assert reply.status == 503, what
        assert seconds < 8, what
        if what != "readiness":
            assert reply.body["code"] == 503
            assert int(reply.headers["Retry-After"]) > 0


@pytest.mark.parametrize("outage", OUTLASTED, indirect=True)
def test_for_as_long_as_an_election_takes_nothing_is_refused_except_readiness_at_once(outage: Outage) -> None:
    statuses = {what: reply.status for what, (_, reply) in outage.meanwhile.items()}
    assert statuses == {"reading": 200, "sending": 201, "readiness": 503}
    assert outage.meanwhile["readiness"][0] < 5
    assert {reply.status for _, reply in outage.crowd_replies} == {201}


@pytest.mark.parametrize("turn", ["goes on", "ends meanwhile"])
def test_a_running_answer_waits_and_goes_on_or_keeps_its_text(outage: Outage, turn: str) -> None:
    listener, (question, answer) = outage.listeners[turn], outage.history[turn]
    assert question["content"] == "Hi"
    assert answer == listener.heard.answer
    assert is_beginning(answer["content"])
    if answer["status"] == "complete":
        assert answer["content"] == listener.heard.text == words(300 if turn == "goes on" else 50)
    else:
        assert answer["status"] == "interrupted"
        assert answer["content"].startswith(listener.heard_by(outage.began - LOST_SECONDS))


def test_an_answer_that_went_on_can_be_stopped_afterwards(outage: Outage) -> None:
    listener, (_, answer) = outage.listeners["is stopped later"], outage.history["is stopped later"]
    assert answer == listener.heard.answer
    assert answer["status"] in {"stopped", "interrupted"}
    assert is_beginning(answer["content"])
    if answer["status"] == "stopped":
        assert listener.heard.text == answer["content"]
        assert len(answer["content"]) > len(listener.heard_by(outage.began)) + 500


def test_nothing_that_was_acknowledged_is_lost_and_what_was_refused_can_be_sent_again(outage: Outage) -> None:
    assert outage.sent_again is not None
    assert outage.sent_again.status in {201, 503}
    *before, question, answer = outage.history["quiet"]
    assert before == outage.before
    assert (question["id"], question["content"]) == (outage.sent_meanwhile, "Meanwhile")
    assert answer == outage.sent_again.answer


def test_a_crowd_that_sends_at_that_moment_is_answered_or_refused_in_time(outage: Outage) -> None:
    for (seconds, reply), history in zip(outage.crowd_replies, outage.crowd_history, strict=True):
        assert reply.status in {201, 503}
        if reply.status == 201:
            assert history == [reply.question, reply.answer]
        else:
            assert seconds < 12
            assert int(reply.headers["Retry-After"]) > 0
            assert len(history) <= 2
