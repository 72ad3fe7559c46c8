"""Which turns may begin: those that this worker has capacity for, and a few of them at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gevent.lock import BoundedSemaphore

from chatapp.errors import Busy, StoreUnavailable

_AT_ONCE = 4
"""In a burst the first answers begin soon, instead of all of them late. docs/decisions has the figures."""

_LONGEST_WAIT = 30.0
"""Seconds to wait for a place. Longer than the driver outlasts an absent store, so that an election delays turns and
refuses none."""


class TurnAdmission:
    """Admits turns, in the order in which they come.

    ``running`` says how many answers this worker is writing, ``limit`` how many it may write.
    """

    def __init__(self, running: Callable[[], int], limit: int) -> None:
        self._running = running
        self._limit = limit
        self._places = BoundedSemaphore(_AT_ONCE)
        self._open = True
        self.beginning = 0
        """Turns that have been admitted, or wait for a place, and have not begun."""

    def close(self) -> None:
        """Refuses every turn from now on: this worker is about to end."""
        self._open = False

    @contextmanager
    def admit(self) -> Iterator[None]:
        """A place for one turn, held until the block ends.

        Raises:
            Busy: this worker is about to end, or writes as many answers as it may.
            StoreUnavailable: no place became free in time, because the store does not answer.
        """
        if not self._open:
            raise Busy(retry_after=1)
        if self._running() + self.beginning >= self._limit:
            raise Busy(retry_after=5)
        self.beginning += 1
        try:
            if not self._places.acquire(timeout=_LONGEST_WAIT):
                raise StoreUnavailable(retry_after=2)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self.beginning -= 1
