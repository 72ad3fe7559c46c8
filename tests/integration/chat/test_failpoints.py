"""A worker that dies between any two steps of a turn: what another finds, and what the same message gives then."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Json, Person, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import NORMAL, is_beginning, words
from tests.support.listener import LOST_SECONDS, Listener
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ENDED_WITHIN = 30.0

NOTHING_STORED = ("turn.before_begin=kill",)
CUT_SHORT = (
    "turn.begun=kill",
    "turn.before_ask=kill",
    "writer.before_flush=kill",
    "writer.before_flush=kill@3",
    "turn.before_end=kill",
    "overflow.page_stored=kill",
)
COMPLETE = ("turn.end_stored=kill", "turn.ended=kill")
POINTS = (*NOTHING_STORED, *CUT_SHORT, *COMPLETE)

FULL_WINDOW = 99
"""Messages after which the next turn's end moves the oldest into a page."""


@dataclass
class Death:
    """What was there when a worker died at one point, and what another worker shows of it later."""

    point: str
    chat: Chat
    sent: str
    before: list[Json]
    at: float = 0.0
    listener: Listener | None = None
    again: Listener | None = None
    refused: int = 0
    after: list[Json] = field(default_factory=list)

    def heard(self) -> str:
        """What had been heard of the answer a second before."""
        return self.listener.heard_by(self.at - LOST_SECONDS) if self.listener else ""


@pytest.fixture(scope="module")
def deaths(backends: Backends, pair: Pair) -> dict[str, Death]:
    """Every point is reached on a worker of its own; the pair, on the same database, is there to clear up."""
    with ThreadPoolExecutor(3) as few:
        died = list(few.map(lambda point: _die(backends, pair, point), POINTS))
    for death in died:
        wait_until(lambda death=death: _ended(death), death.at + ENDED_WITHIN - time.monotonic(), what=death.point)  # type: ignore[misc]
        death.after = death.chat.history()
    return {death.point: death for death in died}


def _die(backends: Backends, pair: Pair, point: str) -> Death:
    """Sends a message to a worker that dies at ``point``. What is read afterwards is read from another."""
    chat = Person.register(pair.here).start(model=NORMAL)
    if point.startswith("overflow"):
        for number in range(FULL_WINDOW):
            path = f"/api/conversations/{chat.conversation_id}/messages"
            chat.person.ask("POST", path, {"content": f"message {number}"}, expect=201)
    death = Death(point, chat, new_id(), chat.history())
    with backends.server({"CHATAPP_FAILPOINTS": point}) as doomed:
        try:
            death.listener = Listener(chat.at(doomed.base_url).stream("Hi", id=death.sent))
            death.listener.to_the_end()
        except (OSError, HTTPException):
            death.listener = None  # it died before it could answer
        death.at = time.monotonic()
    if point in CUT_SHORT:
        death.again = Listener(chat.at(pair.there).stream("Hi", id=death.sent))
        death.refused = chat.say("Something else").status
    return death


def _ended(death: Death) -> bool:
    return death.chat.header()["generation"] is None and all(
        message["status"] != "streaming" for message in death.chat.history()
    )


@pytest.mark.parametrize("point", NOTHING_STORED)
def test_killed_before_the_message_is_stored_nothing_is_and_start_was_not_sent(
    deaths: dict[str, Death], point: str
) -> None:
    death = deaths[point]
    assert death.listener is None
    assert death.after == death.before == []


@pytest.mark.parametrize("point", CUT_SHORT)
def test_killed_before_the_end_is_stored_the_answer_is_interrupted_with_its_text(
    deaths: dict[str, Death], point: str
) -> None:
    death = deaths[point]
    *before, question, answer = death.after
    assert before == death.before
    assert (question["id"], question["content"]) == (death.sent, "Hi")
    assert (answer["status"], answer["parentId"]) == ("interrupted", death.sent)
    assert is_beginning(answer["content"])
    assert answer["content"].startswith(death.heard())
    if death.listener is not None:
        assert death.listener.heard.ended is None
        assert death.listener.heard.answer_id == answer["id"]


@pytest.mark.parametrize("point", COMPLETE)
def test_killed_after_the_end_is_stored_the_answer_is_complete(deaths: dict[str, Death], point: str) -> None:
    death = deaths[point]
    question, answer = death.after
    assert question["id"] == death.sent
    assert (answer["status"], answer["content"]) == ("complete", words(50))


@pytest.mark.parametrize("point", POINTS)
def test_the_same_message_sent_again_after_the_crash_is_stored_once_and_the_next_turn_works(
    deaths: dict[str, Death], pair: Pair, provider: FakeProvider, point: str
) -> None:
    death = deaths[point]
    chat = death.chat.at(pair.there)
    asked = provider.total
    again = chat.say("Hi", id=death.sent)
    if point in NOTHING_STORED:
        assert again.status == 201
    else:
        assert provider.total == asked
        assert [again.question, again.answer] == death.after[-2:]
    turn = chat.say("Next")
    assert turn.status == 201
    assert chat.history() == [*death.before, again.question, again.answer, turn.question, turn.answer]


@pytest.mark.parametrize("point", CUT_SHORT)
def test_whoever_sends_it_again_before_another_has_taken_over_hears_its_end(
    deaths: dict[str, Death], point: str
) -> None:
    """The sender waits, instead of being told something wrong; anything else is refused meanwhile."""
    death = deaths[point]
    assert death.refused == 409
    assert death.again is not None
    assert death.again.to_the_end().answer == death.after[-1]
    assert death.again.heard.text == death.after[-1]["content"]
