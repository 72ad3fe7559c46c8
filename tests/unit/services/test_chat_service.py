"""Waiting for an answer."""

from __future__ import annotations

import gevent
import pytest

from chatapp.clock import utc_now
from chatapp.errors import Busy
from chatapp.generation import follow
from chatapp.generation.text import AnswerText
from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.services.chat_service import wait_for_answer

ANSWER = Message("a", "u", "c", "q", Role.ASSISTANT, "Hello", MessageStatus.COMPLETE, utc_now())


@pytest.mark.parametrize("written", ["", "Hello"])
def test_nobody_waits_longer_than_told_for_an_answer_that_does_not_end(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setattr(follow, "SILENCE", 0.01)
    text = AnswerText()
    text.append(written)

    with gevent.Timeout(10), pytest.raises(Busy) as refused:
        wait_for_answer(Turn(None, ANSWER, text), seconds=0.05)
    assert refused.value.retry_after == 1


def test_whoever_waits_gets_the_answer_as_it_is_stored() -> None:
    text = AnswerText()
    gevent.spawn_later(0.05, text.end, ANSWER)

    assert wait_for_answer(Turn(None, ANSWER, text), seconds=30) == ANSWER
