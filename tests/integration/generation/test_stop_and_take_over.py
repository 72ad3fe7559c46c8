"""Answers that are ended from outside: by their reader, by time, by a worker's end, by another worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event
from pymongo.errors import AutoReconnect

from chatapp.errors import Busy
from chatapp.generation import engine, mirror, reap
from chatapp.generation.finish import Finisher
from chatapp.generation.follow import follow
from chatapp.generation.run import Ending
from chatapp.generation.text import joined
from chatapp.generation.turn import Reserved, Turn
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.providers.chat import ReasoningText
from chatapp.repositories.generation_repository import Chunk, GenerationWrite, Unfinished
from tests.integration.generation.conftest import Bench, Script, ended


@pytest.fixture
def crawling(script: Script) -> Script:
    script.steps = ["what was written ", Event(), "never"]
    return script


def test_stop_keeps_what_was_written_and_closes_the_connection(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    turn.text.wait(0, 2)
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
    with gevent.Timeout(5):
        bench.another_worker().engine.stop(turn.answer)
    assert turn.text.ended is None


def test_any_worker_can_stop_an_answer(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    turn.text.wait(0, 2)
    bench.another_worker().engine.stop(turn.answer)
    answer = ended(turn, timeout=1.0)
    assert (answer.status, answer.content) == (MessageStatus.STOPPED, "what was written ")


def test_a_listener_on_another_worker_receives_the_whole_answer(bench: Bench, script: Script) -> None:
    release = Event()
    script.steps = ["one 😀 ", release, "two"]
    turn = bench.send()
    text = bench.another_worker().engine.text_of(turn.answer)
    assert text.wait(0, 2)
    assert text.read(0)[0] == "one 😀 "
    release.set()
    answer = ended(turn)
    with gevent.Timeout(2):
        while text.ended is None:
            text.wait(text.length, 2)
    assert text.ended == answer


def test_an_answer_that_takes_too_long_is_ended(bench: Bench, crawling: Script) -> None:
    bench.engine._answer_timeout = 0.5
    answer = ended(bench.send())
    assert answer.status is MessageStatus.INTERRUPTED
    assert answer.error is not None
    assert answer.error.code == "timeout"


def test_a_worker_that_ends_lets_answers_finish_and_cuts_the_rest(bench: Bench, script: Script) -> None:
    script.steps = ["cut here", Event()]
    cut = bench.send()
    cut.text.wait(0, 2)
    bench.conversation = bench.conversations.create(bench.user_id)
    release = Event()
    script.steps = ["in time", release]
    finishes = bench.send()
    gevent.spawn_later(0.3, release.set)
    bench.engine.drain(grace=9.0)
    assert ended(finishes).status is MessageStatus.COMPLETE
    answer = ended(cut)
    assert (answer.status, answer.content) == (MessageStatus.INTERRUPTED, "cut here")
    with pytest.raises(Busy), bench.engine.admit():
        pass


def test_a_turn_that_begins_while_the_worker_is_told_to_end_is_cut_short_with_the_others(
    bench: Bench, crawling: Script
) -> None:
    draining = gevent.spawn_later(0.2, bench.engine.drain, 6.0)
    with bench.engine.admit():
        reserved = bench.reserve()
        gevent.sleep(0.5)
        assert not draining.ready()
        assert isinstance(reserved, Reserved)
        turn = bench.engine.write(reserved)
    answer = ended(turn)
    assert answer.status is MessageStatus.INTERRUPTED
    assert bench.history()[-1] == answer
    draining.join()


def test_a_listener_who_comes_while_the_worker_ends_is_let_go_at_once(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    other = bench.another_worker()
    other.engine.drain(grace=0.0)
    assert other.engine.text_of(turn.answer).closed


def test_listeners_of_another_workers_answer_share_its_text_and_are_let_go_when_their_own_ends(
    bench: Bench, crawling: Script
) -> None:
    answer = bench.send().answer
    other = bench.another_worker()
    text = other.engine.text_of(answer)
    assert other.engine.text_of(answer) is text
    other.engine.drain(0)
    assert text.closed


def test_the_end_of_another_workers_answer_is_told_as_soon_as_its_small_document_is_gone(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_QUIET", 60.0)
    release = Event()
    script.steps = ["text", release]
    turn = bench.send()
    heard = bench.another_worker().engine.text_of(turn.answer)
    heard.wait(0, 2)
    release.set()
    assert ended(Turn(None, turn.answer, heard)) == ended(turn)


def test_a_worker_follows_one_answer_of_another_after_the_other(bench: Bench, script: Script) -> None:
    other = bench.another_worker()
    for _ in range(2):
        release = Event()
        script.steps = ["text", release]
        turn = bench.send()
        heard = other.engine.text_of(turn.answer)
        release.set()
        assert ended(Turn(None, turn.answer, heard)) == ended(turn)
        with gevent.Timeout(5):
            while other.engine._mirror._looping:  # until it has nothing left to follow
                gevent.sleep(0.02)


def test_whoever_stops_an_answer_of_another_worker_is_let_go_when_their_own_ends(
    bench: Bench, crawling: Script
) -> None:
    turn = bench.send()
    other = bench.another_worker()
    stopping = gevent.spawn(other.engine.stop, turn.answer)
    gevent.sleep(0.05)
    began = time.monotonic()
    other.engine.drain(grace=0.0)
    stopping.join()
    assert time.monotonic() - began < 1.0, "it waited in a loop that let nobody else run"


def test_an_answer_that_has_ended_is_told_though_its_small_document_was_left(bench: Bench, script: Script) -> None:
    turn = bench.send()
    answer = ended(turn)
    bench.generations.request_stop(answer.user_id, answer.conversation_id, answer.id)
    assert ended(Turn(None, turn.answer, bench.another_worker().engine.text_of(turn.answer))) == answer


def test_what_a_dead_worker_left_is_ended_with_the_text_that_was_stored(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = bench.send()
    turn.text.wait(0, 2)
    gevent.sleep(0.4)
    bench.stop()  # as a kill does: nothing is ended
    _reap(bench.another_worker(), monkeypatch)
    answer = bench.history()[-1]
    assert (answer.id, answer.status, answer.content) == (
        turn.answer.id,
        MessageStatus.INTERRUPTED,
        "what was written ",
    )
    assert answer.error is not None
    assert answer.error.code == "interrupted"
    assert bench.header().generation is None
    assert bench.generations.heartbeats() == []


def test_a_turn_whose_worker_died_before_it_wrote_anything_is_ended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.reserve()
    _reap(bench.another_worker(), monkeypatch)
    assert bench.history()[-1].status is MessageStatus.INTERRUPTED
    ended(bench.send("next"))


def test_a_stop_that_the_dead_worker_never_saw_still_counts(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = bench.send()
    gevent.sleep(0.4)
    bench.stop()
    bench.generations.request_stop(bench.user_id, bench.conversation.id, turn.answer.id)
    _reap(bench.another_worker(), monkeypatch)
    assert bench.history()[-1].status is MessageStatus.STOPPED


def test_a_worker_that_was_only_slow_never_overwrites_what_another_has_ended(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    script.steps = ["what was written ", release, "and what came too late"]
    turn = bench.send()
    gevent.sleep(0.4)
    gevent.killall(bench.engine._loops)  # its heartbeat stands still
    _reap(bench.another_worker(), monkeypatch)
    release.set()
    assert ended(turn).content == "what was written "
    assert bench.history()[-1].content == "what was written "
    assert bench.header().message_count == 2


def test_a_worker_that_finds_its_answer_taken_over_stops_asking_the_provider(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = bench.send()
    gevent.sleep(0.4)
    bench.finisher.finish_once(
        bench.history()[0].__class__(
            id=turn.answer.id,
            user_id=bench.user_id,
            conversation_id=bench.conversation.id,
            parent_id=turn.answer.parent_id,
            role=turn.answer.role,
            content="ended elsewhere",
            status=MessageStatus.INTERRUPTED,
            created_at=turn.answer.created_at,
        )
    )
    assert ended(turn).content == "ended elsewhere"
    assert crawling.closed == 1


def test_the_loops_of_a_worker_are_started_once(bench: Bench) -> None:
    bench.engine.start()
    loops = list(bench.engine._loops)
    ended(bench.send())
    assert bench.engine._loops == loops


def test_a_living_answer_is_left_alone(bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reap, "DEAD_AFTER", 2.5)
    turn = bench.send()
    other = bench.another_worker()
    for _ in range(4):
        other.engine._reaper.look()
        gevent.sleep(1.0)
    assert turn.text.ended is None
    assert bench.header().generation is not None


def test_a_read_that_is_out_of_date_does_not_end_a_living_answer(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    script.steps = ["one ", release, "two"]
    turn = bench.send()
    turn.text.wait(0, 2)
    with monkeypatch.context() as out_of_date:
        out_of_date.setattr(bench.conversations.turns, "running", list)
        bench.engine._reaper.look()
    release.set()
    answer = ended(turn)
    assert (answer.status, answer.content) == (MessageStatus.COMPLETE, "one two")
    assert bench.history()[-1] == answer


def test_a_store_that_is_away_when_it_is_asked_does_not_end_a_living_answer(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_answer: Message) -> bool:
        raise AutoReconnect("away")

    turn = bench.send()
    turn.text.wait(0, 2)
    monkeypatch.setattr(bench.conversations.turns, "holds", away)
    bench.engine._suspect(turn.answer.id)
    gevent.sleep(0.05)
    assert turn.text.ended is None


def test_an_answer_that_begins_while_the_worker_looks_is_left_alone(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[Turn] = []
    running_answers = bench.conversations.turns.running

    def begin_first() -> object:
        turns.append(bench.send())
        return running_answers()

    monkeypatch.setattr(bench.conversations.turns, "running", begin_first)
    _reap(bench, monkeypatch)
    assert bench.header().generation is not None
    assert turns[0].text.ended is None


def test_a_worker_finds_by_its_own_look_that_an_answer_was_ended_elsewhere(bench: Bench, crawling: Script) -> None:
    turn = bench.send()
    gevent.killall(bench.engine._loops)  # nothing is written, by which it would notice
    bench.finisher.finish_once(replace(turn.answer, content="ended elsewhere", status=MessageStatus.INTERRUPTED))
    bench.engine._reaper.look()
    assert ended(turn).content == "ended elsewhere"


def test_what_a_late_write_left_of_an_answer_that_has_ended_is_deleted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ended(bench.send())
    late = GenerationWrite(answer.id, bench.user_id, bench.conversation.id, True, Chunk(0, "Hello, "))
    bench.generations.write("worker", [late])
    _reap(bench.another_worker(), monkeypatch)
    assert bench.generations.heartbeats() == []
    assert bench.history()[-1] == answer


def test_watching_goes_on_after_a_fault(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    def fail() -> list[object]:
        looks.append(True)
        raise LookupError("a fault")

    monkeypatch.setattr(reap, "LOOK_EVERY", 0.0)
    reaper = bench.engine._reaper
    monkeypatch.setattr(reaper._generations, "heartbeats", fail)
    looking = gevent.spawn(reaper.loop)
    with gevent.Timeout(5):
        while len(looks) < 2:
            gevent.sleep(0)
    looking.kill()


def test_an_answer_that_cannot_be_ended_is_tried_again_after_as_long_as_at_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, tried = SimpleNamespace(now=1000.0), []
    monkeypatch.setattr(reap, "time", SimpleNamespace(monotonic=lambda: clock.now))
    bench.reserve()
    reaper = bench.another_worker().engine._reaper
    monkeypatch.setattr(reaper, "_try_to_end", lambda *_: tried.append(clock.now))
    for _ in range(12):
        clock.now += reap.LOOK_EVERY
        reaper.look()
    assert tried == [1012.0, 1024.0]


def test_watching_starts_over_after_the_store_was_away(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> list[object]:
        raise AutoReconnect("away")

    monkeypatch.setattr(reap, "LOOK_EVERY", 60.0)
    bench.reserve()
    reaper = bench.another_worker().engine._reaper
    reaper.look()
    assert reaper._sightings
    monkeypatch.setattr(reaper._generations, "heartbeats", away)
    looking = gevent.spawn(reaper.loop)
    gevent.sleep(0.05)
    looking.kill()
    assert not reaper._sightings


def test_a_small_document_that_is_gone_though_its_answer_goes_on_is_written_anew_as_a_whole(
    bench: Bench, crawling: Script
) -> None:
    crawling.steps.insert(0, ReasoningText("Hm."))
    turn = bench.send()
    _wait_until_stored(bench, turn.answer.id, "what was written ")
    bench.generations.delete(bench.user_id, turn.answer.id)
    written = _wait_until_stored(bench, turn.answer.id, "what was written ")
    assert joined(written.reasoning) == "Hm."
    assert turn.text.ended is None
    assert bench.header().generation is not None


def _wait_until_stored(bench: Bench, answer_id: str, text: str) -> Unfinished:
    with gevent.Timeout(5):
        while True:
            written = bench.generations.read(bench.user_id, answer_id)
            if written is not None and joined(written.chunks) == text:
                return written
            gevent.sleep(0.02)


def _reap(worker: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets another worker look twice, with no patience between."""
    monkeypatch.setattr(reap, "DEAD_AFTER", 0.0)
    worker.engine._reaper.look()


def test_one_answer_that_cannot_be_ended_does_not_keep_others_from_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = bench.reserve()
    bench.conversation = bench.conversations.create(bench.user_id)
    bench.reserve()
    other = bench.another_worker()
    finish_once = other.finisher.__class__.finish_once

    def refuse_the_first(finisher: Finisher, answer: Message, user_message: Message | None = None) -> Message:
        if answer.id == first.answer.id:
            raise LookupError("a fault")
        return finish_once(finisher, answer, user_message)

    monkeypatch.setattr(Finisher, "finish_once", refuse_the_first)
    _reap(other, monkeypatch)
    assert bench.header().generation is None
    assert "cannot be ended" in caplog.text


def test_listeners_are_let_go_when_an_answer_cannot_be_stored(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Message:
        raise LookupError("a fault")

    monkeypatch.setattr(bench.engine._finisher, "finish", refuse)
    turn = bench.send()
    with gevent.Timeout(5):
        while not turn.text.closed:
            turn.text.wait(turn.text.length, 5)
    assert [type(event) for event in follow(turn, after=turn.text.length)] == []
