"""Chatting over HTTP: real gunicorn workers, a real MongoDB, and a provider that behaves as a test says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.support.chat_client import Person
from tests.support.chat_servers import Backends
from tests.support.provider import FakeProvider


@dataclass(frozen=True, slots=True)
class Pair:
    """Where the two workers listen: each has its own port, so that a test can choose."""

    here: str
    there: str


@pytest.fixture(scope="session")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as running:
        yield running


@pytest.fixture(scope="session")
def backends(mongodb_uri: str, provider: FakeProvider) -> Backends:
    return Backends.on(mongodb_uri, provider)


@pytest.fixture(scope="session")
def pair(backends: Backends) -> Iterator[Pair]:
    """Two workers for tests that break neither."""
    settings = {"CHATAPP_PROVIDER_TIMEOUT": "4"}
    with backends.server(settings) as here, backends.server(settings) as there:
        yield Pair(here.base_url, there.base_url)


@pytest.fixture
def alice(pair: Pair) -> Person:
    return Person.register(pair.here)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Several people, or several devices, at once."""
    with ThreadPoolExecutor(32) as pool:
        yield pool
