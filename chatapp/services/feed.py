"""What changed in a user's conversations, told to every device: one watcher for each worker, however many listen."""

from __future__ import annotations

import logging
import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore
from pymongo.errors import ExecutionTimeout, OperationFailure, PyMongoError

from chatapp.errors import Busy, StoreUnavailable
from chatapp.repositories.change_repository import Change, ChangeRepository

log = logging.getLogger(__name__)

HEARTBEAT_EVERY = 15.0
_REMEMBERED = 1000
_BACKLOG = 500
_WATCH_WAIT_MS = 1000
_CATCH_UP_WAIT_MS = 50
_CATCH_UP_SECONDS = 5.0
_TOKEN = re.compile(r"[0-9A-F]{16,2000}")
_APART_SECONDS = 60
"""A worker may be told of a change a moment after another; a place further ahead than this is no place."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything after this place will be told. With ``lost``, something before it was not: read the lists again."""

    token: str
    lost: bool = False


class Silence:
    """Nothing has happened for a while."""


FeedItem = Change | Ready | Silence


class _Listener:
    """One open connection: what it has not been told yet."""

    __slots__ = ("changes", "overrun", "woken")

    def __init__(self) -> None:
        self.changes: deque[Change] = deque()
        self.overrun = False
        self.woken = Event()

    def tell(self, change: Change) -> None:
        if len(self.changes) >= _BACKLOG:
            self.changes.clear()
            self.overrun = True
        self.changes.append(change)
        self.woken.set()


class Feed:
    """Hands out changes to the listeners of this worker."""

    def __init__(self, changes: ChangeRepository) -> None:
        self._changes = changes
        self._listeners: dict[str, set[_Listener]] = {}
        self._remembered: deque[Change] = deque(maxlen=_REMEMBERED)
        self._remembered_from: str | None = None
        self._position: str | None = None
        self._watching = False
        self._lost = False
        self._closed = False
        self._catching_up = BoundedSemaphore(4)

    def listen(self, user_id: str, last_event_id: str | None) -> Iterator[FeedItem]:
        """What changes for a user from now on, or from ``last_event_id`` on.

        Some changes may be told twice, none is left out.

        Raises:
            StoreUnavailable: the changes cannot be watched at the moment.
            Busy: this worker is about to end.
        """
        if self._closed:
            raise Busy(retry_after=1)
        self._start()
        return self._tell(user_id, last_event_id)

    def close(self) -> None:
        """Ends all listening, so that clients come back on another worker."""
        self._closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.woken.set()

    def _tell(self, user_id: str, last_event_id: str | None) -> Iterator[FeedItem]:
        listener = _Listener()
        self._listeners.setdefault(user_id, set()).add(listener)
        joined_at = told = self._position or ""
        try:
            if last_event_id is None:
                yield Ready(joined_at)
            else:
                yield from self._missed(user_id, last_event_id, joined_at)
            while not self._closed:
                if not listener.woken.wait(HEARTBEAT_EVERY):
                    yield Silence()
                    continue
                listener.woken.clear()
                if listener.overrun:
                    listener.overrun = False
                    yield Ready(told, lost=True)
                while listener.changes:
                    change = listener.changes.popleft()
                    told = change.token
                    yield change
        finally:
            self._leave(user_id, listener)

    def _leave(self, user_id: str, listener: _Listener) -> None:
        listeners = self._listeners.get(user_id, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(user_id, None)

    def _missed(self, user_id: str, last_event_id: str, joined_at: str) -> Iterator[FeedItem]:
        """What happened between a listener's last event and its joining."""
        if not _TOKEN.fullmatch(last_event_id) or _is_far_ahead(last_event_id, joined_at):
            yield Ready(joined_at, lost=True)
            return
        if self._remembered_from is not None and last_event_id >= self._remembered_from:
            remembered = list(self._remembered)
            yield from (
                change
                for change in remembered
                if change.user_id == user_id and last_event_id < change.token <= joined_at
            )
            return
        try:
            yield from self._read_again(user_id, last_event_id, joined_at)
        except OperationFailure:
            yield Ready(joined_at, lost=True)

    def _read_again(self, user_id: str, last_event_id: str, joined_at: str) -> list[FeedItem]:
        """Read as a whole, so that a listener who takes it slowly holds up nobody who catches up as well."""
        found: list[FeedItem] = []
        with (
            self._catching_up,
            self._changes.watch(after=last_event_id, wait_ms=_CATCH_UP_WAIT_MS, user_id=user_id) as cursor,
        ):
            deadline = time.monotonic() + _CATCH_UP_SECONDS
            idle = False
            while not _has_reached(cursor.position or "", joined_at, idle=idle):
                change = cursor.next_within()
                idle = change is None
                if change is not None and change.token <= joined_at:
                    found.append(change)
                if time.monotonic() > deadline or len(found) >= _REMEMBERED:
                    return [*found, Ready(joined_at, lost=True)]
        return found

    def _start(self) -> None:
        """Makes sure that the watcher runs and knows its place."""
        if not self._watching:
            self._watching = True
            gevent.spawn(self._watch)
        deadline = time.monotonic() + 3.0
        while self._position is None:
            if time.monotonic() > deadline:
                raise StoreUnavailable(retry_after=2)
            gevent.sleep(0.01)

    def _watch(self) -> None:
        while not self._closed:
            try:
                self._watch_on()
            except PyMongoError as error:
                if isinstance(error, OperationFailure) and not isinstance(error, ExecutionTimeout):
                    log.warning("the change stream starts afresh: %s", error.code)
                    self._start_afresh()
                else:
                    log.warning("changes cannot be watched: %s", type(error).__name__)
                gevent.sleep(1.0)
            except Exception:
                log.exception("changes cannot be watched")
                gevent.sleep(1.0)
        self._watching = False

    def _watch_on(self) -> None:
        with self._changes.watch(after=self._position, wait_ms=_WATCH_WAIT_MS) as cursor:
            while not self._closed:
                self._position = cursor.position or self._position
                if self._remembered_from is None:
                    self._remembered_from = self._position
                if self._lost:
                    self._say_lost()
                change = cursor.next_within()
                if change is not None:
                    self._hand_out(change)

    def _hand_out(self, change: Change) -> None:
        if len(self._remembered) == _REMEMBERED:
            self._remembered_from = self._remembered[0].token
        self._remembered.append(change)
        for listener in self._listeners.get(change.user_id, ()):
            listener.tell(change)

    def _start_afresh(self) -> None:
        """MongoDB no longer knows the place: what happens until there is another one is lost."""
        self._position = self._remembered_from = None
        self._remembered.clear()
        self._lost = True

    def _say_lost(self) -> None:
        """Listeners must read again, now that nothing more can be missed."""
        self._lost = False
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.overrun = True
                listener.woken.set()


def _has_reached(position: str, place: str, *, idle: bool) -> bool:
    """Whether everything before ``place`` has been read.

    A stream that begins "now" begins one tick after the newest entry of the oplog, and another that has read all
    (``idle``: nothing more came) stands at that entry until the next one is written.
    """
    if not position or position >= place:
        return bool(position)
    return idle and int(position[2:18], 16) + 1 >= int(place[2:18], 16)


def _is_far_ahead(token: str, now: str) -> bool:
    """Tokens begin with a byte for their kind and the seconds of the change, as MongoDB orders them."""
    return bool(now) and int(token[2:10], 16) > int(now[2:10], 16) + _APART_SECONDS
