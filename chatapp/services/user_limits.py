"""How much one user may do at once, counted by each worker for itself: it is about that worker's time and memory."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from threading import Semaphore
from weakref import WeakValueDictionary

from chatapp.errors import TooManyStreams, TooManyWrites

WRITES_PER_MINUTE = 600
MOST_STREAMS = 50
MOST_AT_ONCE = 3
"""Calls of one user that a worker works on: the others wait, so that nobody else's calls stand behind all of them."""


class UserLimits:
    """Writes in a minute, event streams that are open, and calls at the same time."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._minute = 0
        self._writes: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()
        self._places: WeakValueDictionary[str, Semaphore] = WeakValueDictionary()

    def place(self, user_id: str) -> AbstractContextManager[object]:
        """Waits until fewer than ``MOST_AT_ONCE`` calls of the user are worked on, and is then one of them."""
        return self._places.setdefault(user_id, Semaphore(MOST_AT_ONCE)) if self._enabled else nullcontext()

    def count_write(self, user_id: str) -> None:
        """Counts one more call that may change something.

        Raises:
            TooManyWrites: there were ``WRITES_PER_MINUTE`` in this minute.
        """
        minute, second = divmod(int(time.monotonic()), 60)
        if minute != self._minute:
            self._minute, self._writes = minute, Counter()
        self._writes[user_id] += 1
        if self._enabled and self._writes[user_id] > WRITES_PER_MINUTE:
            raise TooManyWrites(retry_after=60 - second)

    def open_stream(self, user_id: str) -> Callable[[], None]:
        """Counts another stream, until what it returns is called.

        Raises:
            TooManyStreams: ``MOST_STREAMS`` are open.
        """
        if self._enabled and self._streams[user_id] >= MOST_STREAMS:
            raise TooManyStreams(retry_after=15)
        self._streams[user_id] += 1
        return partial(self._close_stream, user_id)

    def _close_stream(self, user_id: str) -> None:
        self._streams[user_id] -= 1
        if not self._streams[user_id]:
            del self._streams[user_id]
