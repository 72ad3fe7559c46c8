"""Anything people do, in any order, on workers that die and stand still."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pymongo import MongoClient

from tests.integration.chat.machine import Chatting
from tests.integration.chat.shaping import Here, Shaping
from tests.support.chat_servers import Backends
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

BOUNDED = settings(
    max_examples=5,
    stateful_step_count=16,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def impatient(backends: Backends) -> Iterator[list[ServerProcess]]:
    """Two workers that soon take each other for dead."""
    app = "tests.support.impatient:app"
    with backends.server(app=app) as one, backends.server(app=app) as other:
        yield [one, other]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_happens_a_history_is_exactly_what_was_acknowledged(
    impatient: list[ServerProcess], provider: FakeProvider
) -> None:
    machine = type("ChattingHere", (Chatting,), {"servers": impatient, "provider": provider})
    run_state_machine_as_test(machine, settings=BOUNDED)


def test_however_conversations_are_shaped_their_trees_are_whole_and_shown_as_they_were_left(
    mongodb_uri: str, mongo_client: MongoClient[dict[str, Any]], provider: FakeProvider
) -> None:
    backends = Backends.on(mongodb_uri, provider)
    with backends.server(workers=2) as server:
        machine = type("ShapingHere", (Shaping,), {"here": Here(server.base_url, mongo_client[backends.database])})
        run_state_machine_as_test(machine, settings=settings(BOUNDED, max_examples=8, stateful_step_count=30))
