"""Tells every device of a user what changed in their conversations: one watcher per worker, any number of listeners."""

import logging
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import gevent
from gevent.event import Event
from pymongo.errors import ExecutionTimeout, OperationFailure, PyMongoError

from chatapp.errors import Busy, StoreUnavailable
from chatapp.models.change_models import Change
from chatapp.repositories.change_repository import ChangeRepository

log = logging.getLogger(__name__)

SILENCE = 2.0
"""Seconds without a change after which a listener is told so."""

_REMEMBERED = 1000
"""Changes that a worker remembers, of all users, for devices that come back."""

_BACKLOG = 500
"""Changes that wait for one slow listener before it is told to read again instead."""

_WATCH_WAIT_MS = 1000
_WATCH_AGAIN_AFTER = 1.0
_START_WAIT = 3.0
_CATCH_UP_WAIT = 2.0
"""Seconds in which this worker sees what another one has already told. Usually milliseconds."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Every change after this place will be told. ``lost``: some before it were not, so read the lists again."""

    token: str
    lost: bool = False


class Silence:
    """Nothing has happened for a while."""


FeedItem = Change | Ready | Silence


class _Listener:
    """One open connection: what it has not been told yet. ``None`` stands for changes that were lost."""

    __slots__ = ("untold", "woken")

    def __init__(self) -> None:
        self.untold: deque[Change | None] = deque()
        self.woken = Event()

    def tell(self, change: Change | None) -> None:
        if len(self.untold) >= _BACKLOG:
            self.untold.clear()
            self.untold.append(None)
        self.untold.append(change)
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

    def listen(self, user_id: str, last_event_id: str | None) -> Iterator[FeedItem]:
        """What changes for a user from now on, or from ``last_event_id`` on.

        Some changes may be told twice. A device that has been away for too long to be told everything hears ``Ready``
        with ``lost``.

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
        if last_event_id is not None:
            self._wait_for(last_event_id)
        listener = _Listener()
        self._listeners.setdefault(user_id, set()).add(listener)
        told = self._position or ""
        try:
            yield from [Ready(told)] if last_event_id is None else self._missed(user_id, last_event_id, told)
            while not self._closed:
                if not listener.woken.wait(SILENCE):
                    yield Silence()
                    continue
                listener.woken.clear()
                while listener.untold:
                    change = listener.untold.popleft()
                    if change is None:
                        yield Ready(told, lost=True)
                    else:
                        told = change.token
                        yield change
        finally:
            self._leave(user_id, listener)

    def _leave(self, user_id: str, listener: _Listener) -> None:
        listeners = self._listeners.get(user_id, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(user_id, None)

    def _missed(self, user_id: str, last_event_id: str, position: str) -> list[FeedItem]:
        """What happened to a user since their last event, as far as it is remembered."""
        if self._remembered_from is None or not self._remembered_from <= last_event_id <= position:
            return [Ready(position, lost=True)]
        return [change for change in self._remembered if change.user_id == user_id and last_event_id < change.token]

    def _wait_for(self, place: str) -> None:
        """Waits a moment until this worker has come as far as the one that a listener has left."""
        deadline = time.monotonic() + _CATCH_UP_WAIT
        while (self._position or "") < place and time.monotonic() < deadline:
            gevent.sleep(0.05)

    def _start(self) -> None:
        """Makes sure that the watcher runs and knows its place."""
        if not self._watching:
            self._watching = True
            gevent.spawn(self._watch)
        deadline = time.monotonic() + _START_WAIT
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
            except Exception:
                log.exception("changes cannot be watched")
            gevent.sleep(_WATCH_AGAIN_AFTER)

    def _watch_on(self) -> None:
        with self._changes.watch(after=self._position, wait_ms=_WATCH_WAIT_MS) as cursor:
            while not self._closed:
                self._position = cursor.position
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
                listener.tell(None)
