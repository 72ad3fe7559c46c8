"""A provider that fails: what the person is told, what stays, and that the conversation works afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Json, Person
from tests.support.fake_models import FLOOD, HUGE, QUICK, SILENT, UNKNOWN, words
from tests.support.provider import FakeProvider


@dataclass(frozen=True, slots=True)
class Failure:
    """What a model does to its readers. ``text`` is what came before it failed."""

    model: str
    http_status: int
    code: str
    text: str = ""

    def __str__(self) -> str:
        return self.model

    @property
    def status(self) -> str:
        return "interrupted" if self.text else "error"


FAILURES = (
    Failure("429", 503, "throttled"),
    Failure("500", 502, "provider_failed"),
    Failure("401", 502, "key_refused"),
    Failure(UNKNOWN, 502, "model_not_found"),
    Failure(SILENT, 504, "timeout"),
    Failure("hang-after-head", 504, "timeout"),
    Failure("hang-in-the-middle", 504, "timeout", words(5)),
    Failure("cut", 502, "connection_lost", words(5)),
    Failure("reset", 502, "connection_lost", words(5)),
    Failure("no-finish", 502, "connection_lost", words(5)),
    Failure("malformed", 502, "malformed_answer", words(3)),
    Failure("error-in-stream", 502, "provider_failed", words(3)),
    Failure("full", 502, "context_too_long", words(3)),
    Failure("empty", 502, "empty_answer"),
)


def _check(chat: Chat, failure: Failure, answer: Json) -> None:
    """The failed answer is stored as it was told, and the next turn works."""
    assert (answer["status"], answer["content"]) == (failure.status, failure.text)
    assert answer["error"]["code"] == failure.code
    assert answer["error"]["message"].endswith(".")
    assert "secret" not in answer["error"]["message"]
    question, stored = chat.history()
    assert (question["content"], stored) == ("Hi", answer)
    chat.person.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    assert chat.say("Once more").answer["content"] == words(12)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_the_json_form_says_what_failed_with_both_messages(alice: Person, failure: Failure) -> None:
    chat = alice.start(model=failure.model)
    reply = chat.say("Hi")
    assert reply.status == reply.body["code"] == failure.http_status
    assert reply.body["error"] == reply.answer["error"]
    assert reply.body["message"] == reply.answer["error"]["message"]
    assert reply.question["content"] == "Hi"
    assert reply.headers["Retry-After"] == ("7" if failure.http_status == 503 else None)
    _check(chat, failure, reply.answer)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_the_stream_ends_with_the_failed_answer(alice: Person, pair: Pair, failure: Failure) -> None:
    chat = alice.start(model=failure.model).at(pair.there)
    with chat.stream("Hi") as stream:
        heard = stream.rest()
        assert not stream.broken
    assert heard.text == failure.text
    _check(chat, failure, heard.answer)


def test_a_failed_message_sent_again_is_answered_with_the_failure_and_calls_nobody(
    alice: Person, provider: FakeProvider
) -> None:
    chat, id_ = alice.start(model="cut"), "7e8f3d5e-54f5-4b0a-a8d6-5b1f7a1c9d10"
    first = chat.say("Hi", id=id_)
    asked = provider.total
    again = chat.say("Hi", id=id_)
    assert (again.status, again.body) == (first.status, first.body)
    assert provider.total == asked


def test_a_failed_answer_can_be_asked_for_once_more(alice: Person) -> None:
    chat = alice.start(model="500")
    failed = chat.say("Hi").answer
    alice.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    with chat.regenerate(failed["id"]) as stream:
        assert stream.rest().answer["content"] == words(12)
    assert [message["status"] for message in chat.history()] == ["complete", "complete"]


def test_an_answer_of_100_000_tokens_is_whole(alice: Person, pair: Pair, threads: ThreadPoolExecutor) -> None:
    chat = alice.start(model=HUGE)
    with chat.stream("Hi") as stream:
        heard = stream.rest()
    assert heard.answer["status"] == "complete"
    assert heard.text == heard.answer["content"] == "".join(f"tok{number % 1000} " for number in range(100_000))
    assert chat.at(pair.there).history()[-1] == heard.answer
    alice.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    assert chat.say("Go on").status == 201


def test_a_flood_is_cut_off_and_its_connection_closed(alice: Person, pair: Pair, provider: FakeProvider) -> None:
    chat = alice.start(model=FLOOD)
    with chat.stream("Hi") as stream:
        heard = stream.rest()
    provider.wait_until(lambda state: FLOOD not in state["running"], 10)
    assert (heard.answer["status"], heard.answer["error"]["code"]) == ("interrupted", "answer_too_long")
    assert heard.text == heard.answer["content"]
    assert 900_000 < len(heard.text) <= 1_000_000
    assert chat.at(pair.there).history()[-1] == heard.answer
    alice.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": QUICK})
    assert chat.say("Go on").status == 201
