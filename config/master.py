"""Gunicorn's master, which reacts to SIGTERM at once even while it replaces its workers."""

import signal
from types import FrameType

from gunicorn.arbiter import Arbiter

from config.shared_notes import SharedNotes


class ChatMaster(Arbiter):
    """Does not finish a reload first when it is told to end.

    After a SIGHUP, gunicorn's own master looks at no signal until the old workers have ended, which may take the whole
    grace period. A SIGTERM meanwhile would take that much longer, and a service manager kills what takes too long.
    """

    notes: SharedNotes
    told_to_end = False
    _reloading = False

    def signal(self, sig: int, frame: FrameType | None) -> None:
        if sig in {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}:
            self.told_to_end = True
        super().signal(sig, frame)

    def reload(self) -> None:
        self._reloading = True
        try:
            super().reload()
        finally:
            self._reloading = False

    def reap_workers(self) -> None:
        """While it waits for old workers, gunicorn calls this ten times a second."""
        super().reap_workers()
        if self._reloading and self.told_to_end:
            raise StopIteration  # as its own handler of SIGTERM does
