"""A conversation gets a title from the model, and keeps the one that a person gave it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import gevent
import pytest
from pymongo.errors import AutoReconnect

from chatapp.generation import naming
from chatapp.generation.naming import Titles
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import FinishReason
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, Finish, Piece, ReasoningText
from chatapp.providers.errors import ProviderError
from tests.integration.generation.conftest import Bench, Script, ended


@dataclass
class Provider:
    """Says one thing, whatever it is asked."""

    pieces: Iterable[Any] = field(default_factory=lambda: ["Blue ", "skies"])
    asked: list[ChatRequest] = field(default_factory=list)

    def stream(self, request: ChatRequest) -> Iterator[Piece]:
        self.asked.append(request)
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
        yield Finish(None, FinishReason.STOP)


def titled(bench: Bench, provider: Any, question: str = "Why is the **sky** blue?") -> str:
    taken = bench.reserve(question)
    assert isinstance(taken, Reserved)
    answer = ended(bench.engine.write(taken))
    Titles(bench.conversations, provider).name(taken, answer)
    return bench.header().title


def test_the_model_finds_a_title_in_one_small_request(bench: Bench) -> None:
    provider = Provider()
    assert titled(bench, provider, "Why is the sky blue? " * 1000) == "Blue skies"
    [request] = provider.asked
    assert sum(len(message["content"]) for message in request.messages) < 2500
    assert request.max_tokens is not None


def test_only_the_first_answer_asks_for_one(bench: Bench) -> None:
    provider = Provider()
    assert titled(bench, provider) == "Blue skies"
    assert titled(bench, provider, "And at night?") == "Blue skies"
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (['"Blue skies."'], "Blue skies"),
        (["# **Blue** skies\n\nThis title says it all."], "Blue skies"),
        ([ReasoningText("Hm."), "\n\nBlue skies"], "Blue skies"),
        ([" "], "Why is the sky blue?"),
        ([ProviderError(FailureCode.THROTTLED)], "Why is the sky blue?"),
    ],
    ids=["quoted", "markdown", "reasoning", "nothing", "failed"],
)
def test_what_is_no_title_leaves_the_words_of_the_question(bench: Bench, said: list[Any], title: str) -> None:
    assert titled(bench, Provider(said)) == title


def test_a_model_that_does_not_stop_is_not_heard_to_the_end(bench: Bench) -> None:
    rest = iter(["and more "] * 100_000)
    assert titled(bench, Provider(chain(["Blue skies\n"], rest))) == "Blue skies"
    assert len(list(rest)) > 99_000


def test_a_model_that_takes_too_long_is_not_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Provider):
        def stream(self, request: ChatRequest) -> Iterator[Piece]:
            gevent.sleep(0.5)
            yield from super().stream(request)

    monkeypatch.setattr(naming, "_SECONDS", 0.02)
    assert titled(bench, Hanging()) == "Why is the sky blue?"


def test_a_store_that_is_away_leaves_the_title_as_it_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(bench.conversations, "retitle", away)
    assert titled(bench, Provider()) == "Why is the sky blue?"


def test_an_answer_that_broke_off_is_no_reason_to_ask_for_a_title(bench: Bench, script: Script) -> None:
    script.steps = ["Because", ProviderError(FailureCode.CONNECTION_LOST)]
    provider = Provider()
    assert titled(bench, provider) == "Why is the sky blue?"
    assert provider.asked == []


def test_a_title_that_a_person_gives_meanwhile_stays(bench: Bench) -> None:
    class Slow(Provider):
        def stream(self, request: ChatRequest) -> Iterator[Piece]:
            bench.conversations.update(bench.user_id, bench.conversation.id, {"title": "Mine"})
            yield from super().stream(request)

    assert titled(bench, Slow()) == "Mine"


def test_a_title_that_was_given_before_is_never_asked_for(bench: Bench) -> None:
    bench.conversations.update(bench.user_id, bench.conversation.id, {"title": "Mine"})
    provider = Provider()
    assert titled(bench, provider) == "Mine"
    assert provider.asked == []


def test_the_engine_asks_after_the_answer_has_ended(bench: Bench, script: Script) -> None:
    answer = ended(bench.send("Why is the sky blue?"))
    gevent.sleep(0)
    gevent.sleep(0)
    assert script.named == [("Why is the sky blue?", answer)]
