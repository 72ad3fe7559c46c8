"""What is stored of an answer while it is written, and when listeners on other workers hear of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from gevent.event import Event
from pymongo.errors import AutoReconnect

from chatapp.generation import reap
from chatapp.generation.patience import NotCommitted
from chatapp.generation.text import joined
from chatapp.models.chat_models import MessageStatus, Role
from chatapp.repositories.generation_repository import Chunk, GenerationWrite
from tests.integration.generation.conftest import Bench, Script, ended


def stored(bench: Bench, answer_id: str) -> str:
    written = bench.generations.read(bench.user_id, answer_id)
    return "" if written is None else joined(written.chunks)


def wait_until(condition: Callable[[], bool]) -> None:
    with gevent.Timeout(5):
        while not condition():
            gevent.sleep(0.02)


def test_text_whose_flush_failed_counts_as_unstored_and_is_written_by_the_next(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.steps = ["what was written", Event()]
    failed: list[str] = []

    def fail(_owner: str, writes: list[GenerationWrite]) -> set[str]:
        failed.extend(write.text.text for write in writes if write.text)
        raise AutoReconnect("away")

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
        undecided.setattr(bench.conversations.turns, "end", lambda _answer: False)
        with pytest.raises(NotCommitted):
            bench.finisher.finish_once(answer)
        waiting = gevent.spawn(bench.finisher.finish, answer)
        gevent.sleep(0.3)
        assert not waiting.ready()
        bench.another_worker().finisher.finish_once(answer)
        assert waiting.get(timeout=5).id == answer.id


def test_an_older_message_sent_again_during_another_answer_gets_what_is_stored(bench: Bench, script: Script) -> None:
    id_ = "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"
    first = ended(bench.send("first", id=id_))
    script.steps = [Event()]
    bench.send("second")

    again: Any = bench.reserve("first", id=id_)

    assert (again.user_message.id, again.user_message.role) == (id_, Role.USER)
    assert again.answer == first
    assert again.answer.status is MessageStatus.COMPLETE
