"""Answers that cannot be stored: they keep no other waiting, and their readers are let go."""

from __future__ import annotations

from collections.abc import Callable

import gevent
import pytest
from pymongo.errors import WriteError

from chatapp.generation import reap
from chatapp.models.chat_models import FinishReason, Message, MessageStatus, Usage
from chatapp.providers.chat import Finish
from tests.integration.generation.conftest import Bench, ended


def _refuse(bench: Bench, monkeypatch: pytest.MonkeyPatch, answer_id: str, error: Exception) -> None:
    """MongoDB, or the conversation, does not take this one answer."""
    end_turn: Callable[..., bool] = bench.conversations.end_turn

    def refusing(answer: Message) -> bool:
        if answer.id == answer_id:
            raise error
        return end_turn(answer)

    monkeypatch.setattr(bench.conversations, "end_turn", refusing)


@pytest.mark.parametrize("error", [WriteError("not valid", 121), LookupError("does not take it")])
def test_an_answer_that_cannot_be_ended_keeps_no_other_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    stuck = bench.reserve()
    first = bench.conversation
    bench.conversation = bench.conversations.create(bench.user_id)
    bench.reserve()
    monkeypatch.setattr(reap, "DEAD_AFTER", 0.0)
    worker = bench.another_worker()
    _refuse(worker, monkeypatch, stuck.answer.id, error)
    for _ in range(2):
        worker.engine._reaper.look()
    assert bench.history()[-1].status is MessageStatus.INTERRUPTED
    assert bench.conversations.get(bench.user_id, first.id).generation is not None


def test_an_answer_that_the_store_does_not_take_is_stored_without_what_came_with_its_text(bench: Bench) -> None:
    bench.script.steps = ["text", Finish(Usage(10**20, 1), FinishReason.STOP)]
    answer = ended(bench.send())
    assert (answer.content, answer.status, answer.usage) == ("text", MessageStatus.COMPLETE, None)
    assert bench.history()[-1] == answer
    assert bench.header().generation is None


def test_readers_of_an_answer_that_cannot_be_stored_are_let_go(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.script.steps = ["text", gevent.event.Event()]
    turn = bench.send()
    turn.text.wait(0, 2)
    _refuse(bench, monkeypatch, turn.answer.id, LookupError("does not take it"))
    with monkeypatch.context() as quiet:
        quiet.setattr(gevent.get_hub(), "print_exception", lambda *_: None)
        bench.engine.stop(turn.answer)
    assert turn.text.closed
    assert bench.header().generation is not None
