"""While turns wait to begin, the answers that run are read and kept less often, and lose nothing by it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import gevent
import pytest
from gevent.event import Event

from chatapp.generation import write
from chatapp.generation.engine import GenerationEngine
from tests.integration.generation.conftest import Bench, Script, ended


@contextmanager
def crowd(engine: GenerationEngine) -> Iterator[None]:
    """Turns that begin, and one that waits for it."""

    def wait() -> None:
        with engine.beginnings.one():
            pass

    with ExitStack() as beginning:
        waiting = None
        while waiting is None:
            beginning.enter_context(engine.beginnings.one())
            probe = gevent.spawn(wait)
            gevent.sleep(0)
            waiting = None if probe.ready() else probe
        assert engine.beginnings.crowded()
        yield
    waiting.get(timeout=5)


def test_an_answer_goes_on_and_is_whole(bench: Bench, script: Script) -> None:
    script.steps = [f"{number} " for number in range(10)]
    with crowd(bench.engine):
        answer = ended(bench.send())
    assert answer.content == "0 1 2 3 4 5 6 7 8 9 "
    assert bench.history()[-1] == answer


def test_new_text_may_stay_unwritten_for_half_a_second_and_no_longer(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "FLUSH_EVERY", 0.02)
    script.steps = ["Hello", Event()]
    with crowd(bench.engine):
        began = time.monotonic()
        turn = bench.send()
        with gevent.Timeout(5):
            while bench.generations.read(bench.user_id, turn.answer.id) is None:
                gevent.sleep(0.01)
        assert time.monotonic() - began >= write.CROWDED_AGE
    unfinished = bench.generations.read(bench.user_id, turn.answer.id)
    assert unfinished is not None
    assert [chunk.text for chunk in unfinished.chunks] == ["Hello"]


def test_an_answer_that_pauses_for_others_can_be_stopped(bench: Bench, script: Script) -> None:
    script.steps = ["Hello"] * 1000
    with crowd(bench.engine):
        turn = bench.send()
        turn.text.wait(0, 5)
        bench.engine.stop(turn.answer)
        assert ended(turn).status.value == "stopped"
    assert script.closed == 1
