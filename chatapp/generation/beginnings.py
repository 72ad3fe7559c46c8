"""Which turns begin: a few at a time in each worker, in the order in which they came.

In a burst the first have their answers soon, instead of all of them late. What a turn costs before its model is asked
is almost all that a burst costs, so that while turns wait the answers that run are read, told and kept less often.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gevent.event import Event

from chatapp.errors import StoreUnavailable

_AT_ONCE = 4
_STALLED = 2.0
"""Seconds without anybody making room, after which nobody waits on: the store is away."""


class Beginning:
    """The room that one turn takes."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = give_back
        self._ended = False

    def end(self) -> None:
        """Lets the next turn begin. Only the first call counts."""
        if not self._ended:
            self._ended = True
            self._give_back()


class Beginnings:
    """The turns of one worker that begin, and those that wait for it."""

    def __init__(self) -> None:
        self._room = _AT_ONCE
        self._waiting: deque[Event] = deque()
        self._moved_at = 0.0

    def crowded(self) -> bool:
        """Whether turns wait to begin."""
        return bool(self._waiting)

    @contextmanager
    def one(self) -> Iterator[Beginning]:
        """Room for one turn, from when it is there until the block or the beginning ends.

        Raises:
            StoreUnavailable: nobody has made room for some seconds.
        """
        self._take()
        beginning = Beginning(self._give_back)
        try:
            yield beginning
        finally:
            beginning.end()

    def _take(self) -> None:
        if self._room:
            self._room -= 1
            return
        given = Event()
        self._waiting.append(given)
        try:
            self._wait_for(given)
        except BaseException:
            if given.is_set():
                self._give_back()
            else:
                self._waiting.remove(given)
            raise

    def _wait_for(self, given: Event) -> None:
        came_at = time.monotonic()
        while True:
            still = max(came_at, self._moved_at) + _STALLED - time.monotonic()
            if still <= 0:
                raise StoreUnavailable(retry_after=2)
            if given.wait(still):
                return

    def _give_back(self) -> None:
        self._moved_at = time.monotonic()
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._room += 1
