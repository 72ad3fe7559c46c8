"""Answers of a worker that has died are ended by another, and those of a living one are left alone."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import gevent
import pytest
from gevent.event import Event
from pymongo.errors import AutoReconnect

from chatapp.generation import reap, write
from chatapp.generation.finish import Finisher
from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.repositories.generation_repository import Chunk, GenerationWrite
from tests.integration.generation.conftest import Bench, Script, ended, until_stored
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def test_what_a_dead_worker_left_is_ended_with_the_text_that_was_stored(
    bench: Bench, crawling: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = bench.send()
    until_stored(bench, turn.answer.id, "what was written ")
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
    until_stored(bench, turn.answer.id, "what was written ")
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
    until_stored(bench, turn.answer.id, "what was written ")
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
    until_stored(bench, turn.answer.id, "what was written ")
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
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(reap, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(write, "BEAT_EVERY", 0.0)
    turn = bench.send()
    until_stored(bench, turn.answer.id, "what was written ")
    other = bench.another_worker()
    for _ in range(4):
        other.engine._reaper.look()
        beats = bench.generations.heartbeats()
        wait_until(lambda beats=beats: bench.generations.heartbeats() != beats)  # type: ignore[misc]
        clock.now += reap.DEAD_AFTER / 2
    assert turn.text.ended is None
    assert bench.header().generation is not None


def test_a_read_that_is_out_of_date_does_not_end_a_living_answer(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    script.steps = ["one ", release, "two"]
    turn = bench.send()
    turn.text.wait(0, PATIENCE)
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
    turn.text.wait(0, PATIENCE)
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
    wait_until(lambda: len(looks) > 1)
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
    wait_until(lambda: not reaper._sightings)
    looking.kill()


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
