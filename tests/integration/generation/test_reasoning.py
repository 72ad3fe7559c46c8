"""What a model thinks before it answers is kept beside the answer, and never in it."""

from __future__ import annotations

import pytest
from gevent.event import Event

from chatapp.generation import write
from chatapp.generation.follow import Delta, Ended, Started, Thought, follow
from chatapp.generation.run import MAX_REASONING_BYTES
from chatapp.models.chat_models import MessageStatus
from chatapp.providers.chat import ReasoningText
from tests.integration.generation.conftest import Bench, Script, ended
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def test_it_is_stored_apart_from_the_text_with_how_long_it_took(bench: Bench, script: Script) -> None:
    script.steps = [ReasoningText("The person "), ReasoningText("greets."), "Hello."]
    answer = ended(bench.send("Hi"))
    assert answer.content == "Hello."
    assert answer.reasoning is not None
    assert answer.reasoning.text == "The person greets."
    assert answer.reasoning.ms is not None
    assert bench.history()[1] == answer


def test_it_is_told_before_the_text_and_again_from_any_place(bench: Bench, script: Script) -> None:
    release = Event()
    script.steps = [ReasoningText("Hm 😀."), release, "Hello."]
    turn = bench.send("Hi")
    events = follow(turn)
    assert isinstance(next(events), Started)
    assert [type(next(events)).__name__] == ["Titled"]
    assert next(events) == Thought("Hm 😀.", 0)
    assert next(follow(turn, after=0, reasoned=5)) == Thought(".", 5)
    release.set()
    assert next(events) == Delta("Hello.", 6)
    assert isinstance(next(events), Ended)


def test_another_worker_tells_it_while_it_is_written(bench: Bench, script: Script) -> None:
    release = Event()
    script.steps = [ReasoningText("Hm."), release, ReasoningText(" Well."), "Hello."]
    turn = bench.send("Hi")
    there = bench.another_worker().engine.text_of(turn.answer)
    there.wait(0, PATIENCE, 0)
    assert (str(there.reasoning), str(there)) == ("Hm.", "")
    release.set()
    there.wait_for_end(PATIENCE)
    assert (str(there.reasoning), str(there)) == ("Hm. Well.", "Hello.")


def test_it_is_kept_when_the_worker_dies(bench: Bench, script: Script) -> None:
    script.steps = [ReasoningText("Hm."), Event()]
    turn = bench.send("Hi")
    wait_until(lambda: (stored := bench.generations.read(bench.user_id, turn.answer.id)) and stored.reasoning)
    generation = bench.header().generation
    assert generation is not None
    bench.another_worker().engine._reaper._end(bench.user_id, bench.conversation.id, generation)
    left = bench.history()[1]
    assert (left.status, left.content) == (MessageStatus.INTERRUPTED, "")
    assert left.reasoning is not None
    assert left.reasoning.text == "Hm."


def test_it_is_written_as_it_comes_and_each_piece_once(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "BEAT_EVERY", 60.0)
    release = Event()
    script.steps = [ReasoningText("Hm."), release, ReasoningText(" Well."), Event()]
    turn = bench.send("Hi")
    thinking = turn.text.reasoning
    wait_until(lambda: not thinking.unstored)
    release.set()
    wait_until(lambda: thinking.length == 9 and not thinking.unstored)
    stored = bench.generations.read(bench.user_id, turn.answer.id)
    assert stored is not None
    assert [chunk.text for chunk in stored.reasoning] == ["Hm.", " Well."]


def test_the_time_that_it_took_ends_with_the_first_word_of_the_answer(bench: Bench, script: Script) -> None:
    script.steps = [Event()]
    run = bench.engine._runs[bench.send("Hi").answer.id]
    run.text.reasoning.first_at, run.text.first_at = 1.0, 3.5
    reasoning = run._reasoning()
    assert reasoning is not None
    assert reasoning.ms == 2500


def test_of_very_long_reasoning_the_beginning_is_kept_and_the_answer_goes_on(bench: Bench, script: Script) -> None:
    script.steps = [*[ReasoningText("0123456789" * 1000)] * 25, "Hello."]
    answer = ended(bench.send("Hi"))
    assert answer.content == "Hello."
    assert answer.reasoning is not None
    assert len(answer.reasoning.text) == MAX_REASONING_BYTES
    assert bench.conversations.window(bench.user_id, bench.conversation.id).byte_count == 2 + 6 + MAX_REASONING_BYTES
