"""Answers that are ended before their time: by their reader, by a time limit, by their worker's end."""

from __future__ import annotations

from collections.abc import Iterator

import gevent
import pytest
from gevent.event import Event

from chatapp.errors import Busy
from chatapp.generation import engine, write
from chatapp.generation.follow import follow
from chatapp.generation.run import Ending
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import Message, MessageStatus
from tests.integration.generation.conftest import Bench, Script, ended
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def test_stop_keeps_what_was_written_and_closes_the_connection(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    turn.text.wait(0, PATIENCE)
    bench.engine.stop(turn.answer)
    answer = ended(turn)
    assert (answer.status, answer.content) == (MessageStatus.STOPPED, "what was written ")
    assert crawling.closed == 1
    assert bench.history()[-1] == answer


def test_stop_before_any_text_has_come(bench: Bench, script: Script) -> None:
    script.steps = [Event()]
    turn = bench.send()
    bench.engine.stop(turn.answer)
    assert ended(turn).status is MessageStatus.STOPPED
    assert (script.asked, script.closed) == (1, 1)


def test_the_first_reason_to_end_an_answer_counts_though_closing_its_connection_takes_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(_reserved: Reserved) -> Iterator[str]:
        try:
            yield "some "
            Event().wait()
        finally:
            gevent.sleep(0.05)

    monkeypatch.setattr(bench.engine, "_ask", ask)
    turn = bench.send()
    run = bench.engine._runs[turn.answer.id]
    run.end(Ending.STOPPED)
    gevent.sleep(0.01)
    run.end(Ending.SHUTDOWN)
    assert ended(turn).status is MessageStatus.STOPPED


def test_only_the_answer_that_somebody_stops_is_stopped(bench: Bench, crawling: Script) -> None:
    goes_on = bench.send()
    bench.conversation = bench.conversations.create(bench.user_id)
    stopped = bench.send()
    bench.another_worker().engine.stop(stopped.answer)
    assert ended(stopped).status is MessageStatus.STOPPED
    assert goes_on.text.ended is None


def test_who_stops_an_answer_of_a_worker_that_does_not_obey_waits_a_moment_and_no_longer(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_STOP_WAIT", 0.05)
    turn = bench.send()
    gevent.killall(bench.engine._loops)
    with gevent.Timeout(PATIENCE):
        bench.another_worker().engine.stop(turn.answer)
    assert turn.text.ended is None


def test_any_worker_can_stop_an_answer(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    turn.text.wait(0, PATIENCE)
    bench.another_worker().engine.stop(turn.answer)
    answer = ended(turn)
    assert (answer.status, answer.content) == (MessageStatus.STOPPED, "what was written ")


def test_a_worker_looks_several_times_a_second_for_what_was_stopped_through_another(
    bench: Bench, crawling: Script
) -> None:
    assert write.FLUSH_EVERY <= 0.25
    turn = bench.send()
    gevent.killall(bench.engine._loops)
    bench.generations.request_stop(bench.user_id, bench.conversation.id, turn.answer.id)
    bench.engine._writer.tick()
    assert ended(turn).status is MessageStatus.STOPPED
    assert crawling.closed == 1


def test_an_answer_that_takes_too_long_is_ended(bench: Bench, crawling: Script) -> None:
    bench.engine._answer_timeout = 0.5
    answer = ended(bench.send())
    assert answer.status is MessageStatus.INTERRUPTED
    assert answer.error is not None
    assert answer.error.code == "timeout"


def test_a_worker_that_ends_lets_answers_finish_and_cuts_the_rest(bench: Bench, script: Script) -> None:
    script.steps = ["cut here", Event()]
    cut = bench.send()
    cut.text.wait(0, PATIENCE)
    bench.conversation = bench.conversations.create(bench.user_id)
    release = Event()
    script.steps = ["in time", release]
    finishes = bench.send()
    gevent.spawn_later(0.3, release.set)
    bench.engine.drain(grace=5.0)
    assert ended(finishes).status is MessageStatus.COMPLETE
    answer = ended(cut)
    assert (answer.status, answer.content) == (MessageStatus.INTERRUPTED, "cut here")
    with pytest.raises(Busy), bench.engine.admit():
        pass


def test_a_turn_that_begins_while_the_worker_is_told_to_end_is_cut_short_with_the_others(
    bench: Bench, crawling: Script
) -> None:
    with bench.engine.admit():
        draining = gevent.spawn(bench.engine.drain, 3.0)
        reserved = bench.reserve()
        gevent.sleep(0.1)
        assert not draining.ready()
        assert isinstance(reserved, Reserved)
        turn = bench.engine.write(reserved)
    answer = ended(turn)
    assert answer.status is MessageStatus.INTERRUPTED
    assert bench.history()[-1] == answer
    draining.join()


def test_whoever_stops_an_answer_of_another_worker_is_let_go_when_their_own_ends(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_STOP_WAIT", 2 * PATIENCE)
    turn = bench.send()
    other = bench.another_worker()
    stopping = gevent.spawn(other.engine.stop, turn.answer)
    gevent.sleep(0.05)
    other.engine.drain(grace=0.0)
    stopping.join(PATIENCE)
    assert stopping.ready(), "it waited in a loop that let nobody else run"


def test_listeners_are_let_go_when_an_answer_cannot_be_stored(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Message:
        raise LookupError("a fault")

    monkeypatch.setattr(bench.engine._finisher, "finish", refuse)
    turn = bench.send()
    wait_until(lambda: turn.text.closed)
    assert [type(event) for event in follow(turn, after=turn.text.length)] == []
