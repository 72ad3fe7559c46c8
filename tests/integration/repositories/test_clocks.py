"""Hosts whose clocks differ: what they write is in one order all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from chatapp.clock import set_clock, utc_now
from chatapp.database.server_time import follow_server_time
from chatapp.models.chat_models import Role
from tests.support.history import Book, generation, message


@pytest.fixture(autouse=True)
def _own_clock_again() -> Iterator[None]:
    yield
    set_clock(None)


def on_a_host_that_is(seconds: float) -> None:
    """From now on this process's clock is so far ahead, or behind."""
    set_clock(datetime.now(UTC) + timedelta(seconds=seconds), time.monotonic())


def test_the_servers_time_is_read(database: Database[dict[str, Any]]) -> None:
    on_a_host_that_is(3600)
    follow_server_time(database)

    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_times_in_a_conversation_never_go_backwards(book: Book) -> None:
    on_a_host_that_is(30)
    first = book.say()
    on_a_host_that_is(-30)
    second = book.say()
    asked = message(book, "question", second.id, created_at=second.created_at)
    running = generation(asked.id)
    assert book.begin_turn(book.window(), asked, running)
    answer = message(book, "answer", asked.id, Role.ASSISTANT, id=running.message_id, created_at=second.created_at)
    assert book.conversations.turns.end(answer)

    assert second.created_at >= first.created_at
    assert book.window().conversation.updated_at >= second.created_at
