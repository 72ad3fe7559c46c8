"""How many turns begin at once, and what becomes of those who wait."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import MagicMock, Mock

import gevent
import pytest
from gevent.event import Event

from chatapp.errors import StoreUnavailable
from chatapp.generation.turn import NewMessage
from chatapp.models.chat_models import ChatSession
from chatapp.services import chat_service
from chatapp.services.chat_service import ChatService

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = ChatSession("session", "user", "conversation", NOW, NOW)


def service(reservations: Mock) -> ChatService:
    sessions = Mock()
    sessions.get.return_value = SESSION
    return ChatService(sessions, Mock(), Mock(), reservations, MagicMock())


def test_who_waits_too_long_to_begin_is_told_that_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_service, "_BEGINNING_WAIT", 0.05)
    away, reservations = Event(), Mock()
    reservations.for_message.side_effect = lambda *_: away.wait() and None
    chat = service(reservations)
    stuck = [gevent.spawn(chat.send, "user", "session", NewMessage("Hi")) for _ in range(4)]
    gevent.sleep(0)
    with pytest.raises(StoreUnavailable) as refused:
        chat.send("user", "session", NewMessage("Hi"))
    assert refused.value.retry_after == 2
    gevent.killall(stuck)


def test_a_turn_that_is_refused_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_service, "_BEGINNING_WAIT", 0.05)
    reservations = Mock()
    reservations.for_message.side_effect = ZeroDivisionError
    chat = service(reservations)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError):
            chat.send("user", "session", NewMessage("Hi"))
