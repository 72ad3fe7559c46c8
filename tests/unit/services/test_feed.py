"""What listeners hear when MongoDB does not know any more where they were."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from pymongo.errors import ExecutionTimeout, OperationFailure

from chatapp.services import feed as feed_module
from chatapp.services.feed import Feed, FeedItem, Ready


class Cursor:
    """A stream in which nothing happens, but what goes wrong in it."""

    def __init__(self, position: str, error: Exception | None) -> None:
        self.position = position
        self._error = error

    def next_within(self) -> None:
        gevent.sleep(0.02)
        if self._error is not None:
            raise self._error


class Streams:
    """Gives one stream after another; the first breaks with ``error``."""

    def __init__(self, error: Exception) -> None:
        self.opened_after: list[str | None] = []
        self._errors = itertools.chain([error], itertools.repeat(None))

    @contextmanager
    def watch(self, *, after: str | None, wait_ms: int, user_id: str | None = None) -> Iterator[Cursor]:
        self.opened_after.append(after)
        yield Cursor(f"8265{len(self.opened_after):012d}", next(self._errors))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "HEARTBEAT_EVERY", 0.5)


def heard(streams: Streams) -> list[tuple[FeedItem, int]]:
    """What a listener hears until a second after the second stream, each with how many had been opened by then."""
    feed = Feed(streams)  # type: ignore[arg-type]
    items: list[tuple[FeedItem, int]] = []

    def listen() -> None:
        for item in feed.listen("somebody", None):
            items.append((item, len(streams.opened_after)))  # noqa: PERF401 - it goes on until it is killed

    listening = gevent.spawn(listen)
    with gevent.Timeout(10):
        while len(streams.opened_after) < 2:
            gevent.sleep(0.02)
    gevent.sleep(1.0)
    listening.kill()
    feed.close()
    return items


def test_a_place_that_is_lost_is_told_once_nothing_more_can_be_missed() -> None:
    streams = Streams(OperationFailure("resume point may no longer be in the oplog", code=286))

    lost = [opened for item, opened in heard(streams) if isinstance(item, Ready) and item.lost]

    assert streams.opened_after == [None, None]
    assert lost == [2]


def test_a_server_that_was_slow_goes_on_at_the_same_place() -> None:
    streams = Streams(ExecutionTimeout("operation exceeded time limit", code=50))

    assert not any(isinstance(item, Ready) and item.lost for item, _ in heard(streams))
    assert streams.opened_after == [None, "8265000000000001"]
