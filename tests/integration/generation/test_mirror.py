"""An answer that is heard through another worker than the one that writes it."""

from __future__ import annotations

import pytest
from gevent.event import Event

from chatapp.generation import mirror
from chatapp.generation.text import joined
from chatapp.generation.turn import Turn
from chatapp.providers.chat import ReasoningText
from tests.integration.generation.conftest import Bench, Script, ended, until_stored
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def test_a_listener_on_another_worker_receives_the_whole_answer(bench: Bench, script: Script) -> None:
    release = Event()
    script.steps = ["one 😀 ", release, "two"]
    turn = bench.send()
    text = bench.another_worker().engine.text_of(turn.answer)
    assert text.wait(0, PATIENCE)
    assert text.read(0)[0] == "one 😀 "
    release.set()
    answer = ended(turn)
    text.wait_for_end(PATIENCE)
    assert text.ended == answer


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
    heard.wait(0, PATIENCE)
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
        wait_until(lambda: not other.engine._mirror._looping)  # until it has nothing left to follow


def test_an_answer_that_has_ended_is_told_though_its_small_document_was_left(bench: Bench, script: Script) -> None:
    turn = bench.send()
    answer = ended(turn)
    bench.generations.request_stop(answer.user_id, answer.conversation_id, answer.id)
    assert ended(Turn(None, turn.answer, bench.another_worker().engine.text_of(turn.answer))) == answer


def test_a_small_document_that_is_gone_though_its_answer_goes_on_is_written_anew_as_a_whole(
    bench: Bench, crawling: Script
) -> None:
    crawling.steps.insert(0, ReasoningText("Hm."))
    turn = bench.send()
    until_stored(bench, turn.answer.id, "what was written ")
    bench.generations.delete(bench.user_id, turn.answer.id)
    written = until_stored(bench, turn.answer.id, "what was written ")
    assert joined(written.reasoning) == "Hm."
    assert turn.text.ended is None
    assert bench.header().generation is not None
