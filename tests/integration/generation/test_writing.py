"""What is stored of an answer while it is written, and when listeners on other workers hear of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import gevent
import pytest
from gevent.event import Event
from pymongo.errors import AutoReconnect

from chatapp.generation import mirror, reap
from chatapp.generation.patience import NotCommitted
from chatapp.generation.text import joined
from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.repositories.generation_repository import Chunk, GenerationWrite
from tests.integration.generation.conftest import Bench, Script, ended, until_stored
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


def stored(bench: Bench, answer_id: str) -> str:
    written = bench.generations.read(bench.user_id, answer_id)
    return "" if written is None else joined(written.chunks)


@pytest.mark.parametrize("error", [AutoReconnect("away"), LookupError("a fault")])
def test_text_whose_flush_failed_counts_as_unstored_and_is_written_by_the_next(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    script.steps = ["what was written", Event()]
    failed: list[str] = []

    def fail(_owner: str, writes: list[GenerationWrite]) -> set[str]:
        failed.extend(write.text.text for write in writes if write.text)
        raise error

    with monkeypatch.context() as away:
        away.setattr(bench.generations, "write", fail)
        turn = bench.send()
        wait_until(lambda: "what was written" in failed)
        gevent.sleep(0)
        assert turn.text.unstored
        assert stored(bench, turn.answer.id) == ""
    wait_until(lambda: not turn.text.unstored)
    assert stored(bench, turn.answer.id) == "what was written"


def test_a_listener_on_another_worker_hears_the_newest_text_before_the_end(bench: Bench) -> None:
    """Also after more flushes than it reads at a time."""
    reserved = bench.reserve()
    answer = reserved.answer
    text = ""
    for number in range(30):
        new = f"{number} "
        write = GenerationWrite(answer.id, bench.user_id, bench.conversation.id, number == 0, Chunk(len(text), new))
        bench.generations.write("worker", [write])
        text += new
    heard = bench.another_worker().engine.text_of(answer)
    wait_until(lambda: heard.length == len(text))
    for number in range(30, 40):
        new = f"{number} "
        bench.generations.write(
            "worker", [GenerationWrite(answer.id, bench.user_id, bench.conversation.id, False, Chunk(len(text), new))]
        )
        text += new
        wait_until(lambda text=text: heard.length == len(text))  # type: ignore[misc]
    assert str(heard) == text
    assert heard.ended is None


@pytest.mark.parametrize("error", [AutoReconnect("away"), LookupError("a fault")])
def test_a_listener_on_another_worker_hears_the_rest_after_a_read_that_failed(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    other = bench.another_worker()
    tails = other.generations.tails
    failures = [error]

    def fail_once(wanted: Any) -> Any:
        if failures:
            raise failures.pop()
        return tails(wanted)

    monkeypatch.setattr(other.generations, "tails", fail_once)
    turn = bench.send()
    assert ended(Turn(None, turn.answer, other.engine.text_of(turn.answer))).content == "Hello, world."
    assert failures == []


@pytest.mark.parametrize("kind", ["text", "reasoning"])
def test_while_another_workers_answer_grows_its_conversation_is_not_asked_for_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    clock = SimpleNamespace(now=1000.0)
    asked: list[Message] = []
    monkeypatch.setattr(mirror, "time", SimpleNamespace(monotonic=lambda: clock.now))
    answer = bench.reserve().answer
    other = bench.another_worker().engine
    other.text_of(answer)
    monkeypatch.setattr(other._finisher, "stored_end", asked.append)
    for number in range(4):
        clock.now += 0.6
        chunk = {kind: Chunk(number, "x")}
        write = GenerationWrite(answer.id, bench.user_id, bench.conversation.id, number == 0, **chunk)
        bench.generations.write("worker", [write])
        other._mirror._poll()
    clock.now += 0.6
    other._mirror._poll()
    assert asked == []
    clock.now += 0.6
    other._mirror._poll()
    assert asked == [answer]


def test_listeners_of_several_answers_cost_one_query_at_a_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    other = bench.another_worker().engine
    loops: list[bool] = []
    monkeypatch.setattr(other._mirror, "_loop", lambda: loops.append(True))
    for _ in range(2):
        other.text_of(bench.reserve().answer)
        bench.conversation = bench.conversations.create(bench.user_id)
    gevent.sleep(0)
    assert len(loops) == 1


def test_only_the_newest_chunks_are_read_for_listeners(bench: Bench) -> None:
    reserved = bench.reserve()
    for number in range(20):
        write = GenerationWrite(
            reserved.answer.id, bench.user_id, bench.conversation.id, number == 0, Chunk(number, "x")
        )
        bench.generations.write("worker", [write])
    tail = bench.generations.tails([(bench.user_id, reserved.answer.id)])[reserved.answer.id]
    assert [chunk.at for chunk in tail.chunks] == list(range(12, 20))


def test_what_was_seen_before_everybody_stood_still_says_nothing(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that sleeps, or a machine that is paused: all heartbeats stood still, and none of their owners is dead."""
    script.steps = [Event()]
    bench.send()
    gevent.killall(bench.engine._loops)
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(reap, "time", SimpleNamespace(monotonic=lambda: clock.now))
    reaper = bench.another_worker().engine._reaper
    reaper.look()
    clock.now += 3600
    reaper.look()
    assert bench.header().generation is not None
    for _ in range(6):
        clock.now += reap.LOOK_EVERY
        reaper.look()
    assert bench.header().generation is None


def test_an_end_that_a_majority_does_not_hold_yet_is_not_told(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversation as a majority holds it still shows the answer as being written."""
    reserved = bench.reserve()
    answer = reserved.answer
    with monkeypatch.context() as undecided:
        undecided.setattr(bench.conversations.turns, "end", lambda *_: False)
        with pytest.raises(NotCommitted):
            bench.finisher.finish_once(answer)
        waiting = gevent.spawn(bench.finisher.finish, answer)
        gevent.sleep(0.3)
        assert not waiting.ready()
        bench.another_worker().finisher.finish_once(answer)
        assert waiting.get(timeout=PATIENCE).id == answer.id


def test_an_end_that_is_stored_is_found_while_the_next_answer_is_being_written(bench: Bench, script: Script) -> None:
    first = ended(bench.send("first"))
    script.steps = [Event()]
    bench.send("second")
    assert bench.finisher.stored_end(first) == first


def test_an_older_message_sent_again_during_another_answer_gets_what_is_stored(bench: Bench, script: Script) -> None:
    id_ = "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"
    first = ended(bench.send("first", id=id_))
    script.steps = [Event()]
    bench.send("second")

    again: Any = bench.reserve("first", id=id_)

    assert (again.user_message.id, again.user_message.role) == (id_, Role.USER)
    assert again.answer == first
    assert again.answer.status is MessageStatus.COMPLETE


def test_the_small_document_is_deleted_with_the_end_and_nothing_where_there_is_none(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = Mock(wraps=bench.generations.delete)
    monkeypatch.setattr(bench.generations, "delete", delete)
    with monkeypatch.context() as early:
        early.setattr(bench.engine._writer, "tick", lambda: None)
        ended(bench.send())
    script.steps = ["Hello", go_on := Event()]

    turn = bench.send()
    until_stored(bench, turn.answer.id, "Hello")
    go_on.set()
    ended(turn)
    wait_until(lambda: bench.generations.read(bench.user_id, turn.answer.id) is None)

    delete.assert_called_once_with(bench.user_id, turn.answer.id)
