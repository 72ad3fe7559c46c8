"""Answers that cannot be stored: they keep no other waiting, and their readers are let go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import gevent
import pytest
from pymongo.errors import AutoReconnect, WriteError

from chatapp.generation import patience, reap, run, write
from chatapp.generation.run import Ending
from chatapp.generation.turn import Reserved
from chatapp.metrics import REGISTRY
from chatapp.models.chat_models import FinishReason, Message, MessageError, MessageStatus, Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import Finish
from chatapp.providers.errors import ProviderError
from chatapp.repositories.generation_repository import GenerationWrite
from tests.integration.generation.conftest import Bench, ended
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def _refuse(bench: Bench, monkeypatch: pytest.MonkeyPatch, answer_id: str, error: Exception) -> None:
    """MongoDB, or the conversation, does not take this one answer."""
    end_turn: Callable[..., bool] = bench.conversations.turns.end

    def refusing(answer: Message, *_: object) -> bool:
        if answer.id == answer_id:
            raise error
        return end_turn(answer)

    monkeypatch.setattr(bench.conversations.turns, "end", refusing)


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


def test_a_store_that_is_away_ends_the_look_instead_of_failing_for_each_answer(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserved = bench.reserve()
    monkeypatch.setattr(reap, "DEAD_AFTER", 0.0)
    worker = bench.another_worker()
    _refuse(worker, monkeypatch, reserved.answer.id, AutoReconnect("away"))
    with pytest.raises(AutoReconnect):
        worker.engine._reaper.look()


def test_what_was_wrong_with_an_answer_is_left_out_too_if_the_store_does_not_take_it(bench: Bench) -> None:
    reserved = bench.reserve()
    assert isinstance(reserved, Reserved)
    unstorable = MessageError(FailureCode.INTERNAL, "\ud800")
    stored = bench.finisher.finish(
        replace(reserved.answer, content="text", status=MessageStatus.INTERRUPTED, error=unstorable)
    )
    assert (stored.content, stored.status, stored.error) == ("text", MessageStatus.INTERRUPTED, None)
    assert bench.history()[-1] == stored


def test_an_answer_whose_conversation_was_deleted_for_good_meanwhile_ends_all_the_same(bench: Bench) -> None:
    release = gevent.event.Event()
    bench.script.steps = ["text", release]
    turn = bench.send()
    bench.conversations.purge(bench.user_id, bench.conversation.id)
    release.set()
    assert ended(turn).status is MessageStatus.INTERRUPTED
    assert bench.engine._runs == {}


def test_an_answer_that_ends_at_once_leaves_nothing_behind(bench: Bench) -> None:
    counted = REGISTRY.get_sample_value("chatapp_answers_running")
    ended(bench.send())
    gevent.sleep(0)
    assert bench.engine._runs == {}
    assert REGISTRY.get_sample_value("chatapp_answers_running") == counted


def test_a_stop_at_the_moment_of_the_end_does_not_keep_it_from_being_stored(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = gevent.event.Event()
    bench.script.steps = ["all of it", release]
    finish = bench.finisher.finish

    def finish_slowly(answer: Message, *user_message: Message | None) -> Message:
        gevent.sleep(0.05)
        return finish(answer, *user_message)

    monkeypatch.setattr(bench.engine._finisher, "finish", finish_slowly)
    turn = bench.send()
    release.set()
    bench.engine._runs[turn.answer.id].end(Ending.STOPPED)  # while it waits; when it is told so, it does not any more
    answer = ended(turn)
    assert (answer.status, answer.content) == (MessageStatus.COMPLETE, "all of it")
    assert bench.history()[-1] == answer


def test_a_provider_that_breaks_off_without_a_word_leaves_half_an_answer_that_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.engine, "_ask", lambda _reserved: (piece for piece in ["half"]))
    answer = ended(bench.send())
    assert (answer.content, answer.status) == ("half", MessageStatus.INTERRUPTED)
    assert answer.error is not None
    assert answer.error.code == FailureCode.CONNECTION_LOST


def test_who_waits_for_a_busy_provider_is_told_how_long(bench: Bench) -> None:
    bench.script.steps = [ProviderError(FailureCode.THROTTLED, retry_after=7)]
    turn = bench.send()
    ended(turn)
    assert turn.text.retry_after == 7


def test_a_question_that_the_provider_refuses_is_marked_so_that_it_is_not_asked_again(bench: Bench) -> None:
    bench.script.steps = [ProviderError(FailureCode.REQUEST_REFUSED, refused=True)]
    ended(bench.send())
    error = bench.history()[-1].error
    assert error is not None
    assert error.refused


def test_others_have_their_turn_while_an_answer_comes_faster_than_it_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_LONGEST_TURN", 0.0)
    bench.script.steps = ["word "] * 10
    turn = bench.send()
    assert turn.text.ended is None
    assert ended(turn).content == "word " * 10


def test_a_store_that_did_not_come_back_in_ten_minutes_is_not_waited_for_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_GIVE_UP_AFTER", -1.0)
    reserved = bench.reserve()
    tried: list[Message] = []

    def away(answer: Message, *_: object) -> bool:
        tried.append(answer)
        raise AutoReconnect("away")

    monkeypatch.setattr(bench.conversations.turns, "end", away)
    with pytest.raises(AutoReconnect):
        bench.finisher.finish(replace(reserved.answer, usage=Usage(1, 1)))
    assert len(tried) == 1


def test_an_answer_without_new_text_is_not_written_at_every_tick(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "BEAT_EVERY", 60.0)
    bench.script.steps = ["text", gevent.event.Event()]
    turn = bench.send()
    wait_until(lambda: not turn.text.unstored)
    written: list[GenerationWrite] = []

    def note(_owner: str, writes: list[GenerationWrite]) -> set[str]:
        written.extend(writes)
        return set()

    monkeypatch.setattr(bench.generations, "write", note)
    bench.engine._writer.tick()
    assert written == []
    bench.engine._runs[turn.answer.id].text.append("more")
    bench.engine._writer.tick()
    assert len(written) == 1


def test_readers_of_an_answer_that_cannot_be_stored_are_let_go(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.script.steps = ["text", gevent.event.Event()]
    turn = bench.send()
    turn.text.wait(0, PATIENCE)
    _refuse(bench, monkeypatch, turn.answer.id, LookupError("does not take it"))
    with monkeypatch.context() as quiet:
        quiet.setattr(gevent.get_hub(), "print_exception", lambda *_: None)
        bench.engine.stop(turn.answer)
    gevent.sleep(0)
    assert turn.text.closed
    assert bench.header().generation is not None
    assert bench.script.named == []
