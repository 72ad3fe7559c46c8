"""Starts a part again that has ended by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from chatapp.embedded.child import Child

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_AFTER = 60.0
"""Seconds that a part must run for its earlier ends to be forgotten."""


class Restarts:
    """At once the first time, then after a delay (seconds) that doubles, so that a broken part costs little."""

    def __init__(self, child: Child, failure: Callable[[], str], say: Callable[[str], None]) -> None:
        self._child = child
        self._failure = failure
        self._say = say
        self._delay = 0.0
        self._started = time.monotonic()
        self._due: float | None = None

    def restart_if_ended(self) -> bool:
        """Call it often. True if the part was started just now."""
        now = time.monotonic()
        if self._child.is_running:
            if now - self._started > STEADY_AFTER:
                self._delay = 0.0
            return False
        if self._due is None:
            self._say(f"{self._failure()} It is started again.")
            self._due = now + self._delay
            self._delay = min(LONGEST_DELAY, max(FIRST_DELAY, self._delay * 2))
        if now < self._due:
            return False
        self._due = None
        self._started = now
        try:
            self._child.start()
        except OSError as error:  # no memory or no process to be had: later there may be
            self._say(f"It cannot be started at the moment ({error.strerror}).")
            return False
        return True
