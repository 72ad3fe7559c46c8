"""Anything people do, in any order, on workers that die and stand still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.chat.machine import Chatting
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
