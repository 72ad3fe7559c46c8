"""What listeners hear who come back, and when MongoDB no longer knows where they were."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout, OperationFailure

from chatapp.errors import Busy, StoreUnavailable
from chatapp.models.change_models import Change
from chatapp.services import feed as feed_module
from chatapp.services.feed import Feed, FeedItem, Ready, Silence
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


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
    def watch(self, *, after: str | None, wait_ms: int) -> Iterator[Cursor]:
        self.opened_after.append(after)
        yield Cursor(f"8265{len(self.opened_after):012d}", next(self._errors))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "SILENCE", 0.2)
    monkeypatch.setattr(feed_module, "_WATCH_AGAIN_AFTER", 0.1)


def heard(streams: Streams) -> list[tuple[FeedItem, int]]:
    """What a listener hears until a moment after the second stream, each with how many had been opened by then."""
    feed = Feed(streams)  # type: ignore[arg-type]
    items: list[tuple[FeedItem, int]] = []

    def listen() -> None:
        for item in feed.listen("somebody", None):
            items.append((item, len(streams.opened_after)))  # noqa: PERF401 - it goes on until it is killed

    listening = gevent.spawn(listen)
    wait_until(lambda: len(streams.opened_after) == 2)
    gevent.sleep(0.3)
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


def test_a_fault_in_a_stream_does_not_end_the_watching() -> None:
    streams = Streams(ValueError("a fault"))

    heard(streams)

    assert streams.opened_after == [None, "8265000000000001"]


def test_a_store_that_is_away_is_asked_with_pauses_and_a_listener_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "_START_WAIT", 0.1)
    monkeypatch.setattr(feed_module, "_WATCH_AGAIN_AFTER", 60.0)
    asked = []

    class Away:
        def watch(self, **_: object) -> None:
            asked.append(True)
            gevent.sleep(0)
            raise AutoReconnect("away")

    feed = Feed(Away())  # type: ignore[arg-type]
    with gevent.Timeout(PATIENCE), pytest.raises(StoreUnavailable):
        feed.listen("somebody", None)
    feed.close()
    assert len(asked) == 1


def token(number: int) -> str:
    return f"8265{number:012d}"


class Script:
    """One stream: gives the changes that a test puts into it, and stands at the last one given."""

    def __init__(self) -> None:
        self.position = token(0)
        self.opened = 0
        self.is_open = False
        self._coming: list[Change] = []
        self._error: Exception | None = None

    @contextmanager
    def watch(self, *, after: str | None, wait_ms: int) -> Iterator[Script]:
        self.opened += 1
        self.is_open = True
        yield self
        self.is_open = False

    def next_within(self) -> Change | None:
        gevent.sleep(0.001)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if not self._coming:
            return None
        change = self._coming.pop(0)
        self.position = change.token
        return change

    def put(self, first: int, last: int, user_id: str = "somebody") -> None:
        self._coming += [Change(token(number), user_id, ()) for number in range(first, last + 1)]

    def lose_the_place(self, until: int) -> None:
        """What happens up to this number is never told."""
        self._error, self.position = OperationFailure("not in the oplog", code=286), token(until)

    def has_been_read(self) -> bool:
        return not self._coming


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def feed(script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    monkeypatch.setattr(feed_module, "_REMEMBERED", 10)
    monkeypatch.setattr(feed_module, "_CATCH_UP_WAIT", 0.3)
    made = Feed(script)  # type: ignore[arg-type]
    next(made.listen("somebody", None))
    yield made
    made.close()


def told(feed: Feed, last_event_id: str) -> list[str]:
    """What a listener who comes back is told of the past, before the first silence."""
    with gevent.Timeout(PATIENCE):
        items = itertools.takewhile(lambda item: not isinstance(item, Silence), feed.listen("somebody", last_event_id))
        return ["lost" if isinstance(item, Ready) and item.lost else item.token for item in items]  # type: ignore[union-attr]


def settle(script: Script) -> None:
    wait_until(script.has_been_read)
    gevent.sleep(0.02)


def test_who_comes_back_is_told_what_was_missed_and_nothing_else(feed: Feed, script: Script) -> None:
    script.put(1, 3)
    script.put(4, 5, "somebody else")
    script.put(6, 6)
    settle(script)

    assert told(feed, token(2)) == [token(3), token(6)]
    assert told(feed, token(6)) == []


def test_a_device_that_was_away_for_more_changes_than_are_remembered_is_told_so(feed: Feed, script: Script) -> None:
    script.put(1, 12)
    settle(script)

    assert told(feed, token(1)) == ["lost"]
    assert told(feed, token(2)) == [token(number) for number in range(3, 13)]


def test_a_device_that_another_worker_has_told_more_misses_nothing(
    feed: Feed, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "_CATCH_UP_WAIT", PATIENCE)
    gevent.spawn_later(0.1, script.put, 1, 3)

    assert told(feed, token(2)) == [token(3)]


@pytest.mark.parametrize("place", ["0", "no place of ours", token(999)])
def test_a_place_that_nobody_knows_counts_as_lost(feed: Feed, script: Script, place: str) -> None:
    script.put(1, 3)
    settle(script)

    assert told(feed, place) == ["lost"]


def test_nothing_from_before_a_lost_place_makes_up_for_what_came_between(feed: Feed, script: Script) -> None:
    script.put(1, 10)
    settle(script)
    opened = script.opened
    script.lose_the_place(50)
    wait_until(lambda: script.opened > opened)
    script.put(51, 52)
    settle(script)

    assert told(feed, token(5)) == ["lost"]
    assert told(feed, token(51)) == [token(52)]


def test_a_listener_who_is_too_slow_is_told_once_to_read_again(
    feed: Feed, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "_BACKLOG", 3)
    listening = feed.listen("somebody", None)
    next(listening)
    script.put(1, 1)
    assert next(listening) == Change(token(1), "somebody", ())
    script.put(2, 5)
    settle(script)

    assert [next(listening), next(listening)] == [Ready(token(1), lost=True), Change(token(5), "somebody", ())]
    script.put(6, 6)
    assert next(listening) == Change(token(6), "somebody", ())
    assert isinstance(next(listening), Silence)


def test_a_listener_hears_nothing_of_what_changes_for_somebody_else(feed: Feed, script: Script) -> None:
    listening = feed.listen("somebody", None)
    next(listening)
    script.put(1, 1, "somebody else")
    script.put(2, 2)
    assert next(listening) == Change(token(2), "somebody", ())


def test_listeners_share_one_stream_and_leave_nothing_behind(feed: Feed, script: Script) -> None:
    for user_id in ("somebody", "somebody else"):
        listening = feed.listen(user_id, None)
        next(listening)
        listening.close()  # type: ignore[attr-defined]
        gevent.sleep(0)

    assert script.opened == 1
    assert user_id not in feed._listeners


def test_listeners_are_let_go_at_once_when_the_worker_ends_and_nobody_new_is_let_in(
    feed: Feed, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "SILENCE", 60.0)
    listening = gevent.spawn(list, feed.listen("somebody", None))
    gevent.sleep(0.02)
    feed.close()
    assert [type(item) for item in listening.get(timeout=PATIENCE)] == [Ready]
    wait_until(lambda: not script.is_open)
    gevent.sleep(0.15)
    assert script.opened == 1
    with pytest.raises(Busy):
        feed.listen("somebody", None)
