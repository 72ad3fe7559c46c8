"""Listening to an answer."""

from __future__ import annotations

import gevent
import pytest

from chatapp.clock import utc_now
from chatapp.generation import follow as follow_module
from chatapp.generation.follow import Delta, Ended, Silence, follow
from chatapp.generation.text import AnswerText
from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message, MessageStatus, Role
from tests.support.processes import PATIENCE

ANSWER = Message("a", "u", "c", "q", Role.ASSISTANT, "Hello", MessageStatus.COMPLETE, utc_now())


def test_the_end_is_told_at_once_though_text_was_told_a_moment_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "_PACE", 60.0)
    text = AnswerText()
    text.append("Hello")
    events = follow(Turn(None, ANSWER, text), after=0)
    assert next(events) == Delta("Hello", 5)
    gevent.spawn_later(0.05, text.end, ANSWER)

    with gevent.Timeout(PATIENCE):
        assert next(events) == Ended(ANSWER)


def test_text_that_comes_fast_is_told_in_larger_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "_PACE", 60.0)
    text = AnswerText()
    text.append("H")
    events = follow(Turn(None, ANSWER, text), after=0)
    assert next(events) == Delta("H", 1)
    text.append("el")
    gevent.spawn_later(0.02, text.append, "lo")
    gevent.spawn_later(0.05, text.close)

    with gevent.Timeout(PATIENCE):
        assert list(events) == [Delta("ello", 5)]


def test_text_that_comes_with_the_end_is_told_before_it() -> None:
    text = AnswerText()
    text.append("Hel")
    events = follow(Turn(None, ANSWER, text), after=0)
    assert next(events) == Delta("Hel", 3)
    text.end(ANSWER)  # while the listener is being sent that piece

    assert list(events) == [Delta("lo", 5), Ended(ANSWER)]


def test_silence_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "SILENCE", 0.01)
    text = AnswerText()
    events = follow(Turn(None, ANSWER, text), after=0)
    assert next(events) == Silence()
    text.append("Hello")
    assert next(events) == Delta("Hello", 5)


def test_listeners_are_let_go_at_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "_PACE", 60.0)
    text = AnswerText()
    text.append("Hello")
    events = follow(Turn(None, ANSWER, text), after=0)
    next(events)
    gevent.spawn_later(0.05, text.close)

    with gevent.Timeout(PATIENCE):
        assert list(events) == []
