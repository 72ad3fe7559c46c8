"""Which turns begin: a few at a time in each worker, in the order in which they came.

In a burst the first have their answers soon, instead of all of them late. What a turn costs before its model is asked
is almost all that a burst costs, so that while turns wait the answers that run are read, told and kept less often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gevent.lock import BoundedSemaphore

from chatapp.errors import StoreUnavailable

_AT_ONCE = 4
_WAIT = 5.0
"""Seconds to wait for room: whoever waits longer does so because the store is away, and is told so."""


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
        self._room = BoundedSemaphore(_AT_ONCE)
        self._waiting = 0

    def crowded(self) -> bool:
        """Whether turns wait to begin."""
        return self._waiting > 0

    @contextmanager
    def one(self) -> Iterator[Beginning]:
        """Room for one turn, from when it is there until the block or the beginning ends.

        Raises:
            StoreUnavailable: there was none for some seconds.
        """
        self._waiting += 1
        try:
            if not self._room.acquire(timeout=_WAIT):
                raise StoreUnavailable(retry_after=2)
        finally:
            self._waiting -= 1
        beginning = Beginning(self._room.release)
        try:
            yield beginning
        finally:
            beginning.end()
