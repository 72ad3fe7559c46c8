"""Gunicorn's master, which ends at once and in order in two cases where gunicorn's own does not."""

import signal
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer

from config.shared_notes import SharedNotes


class ChatMaster(Arbiter):
    """Does not finish a reload first when it is told to end, and takes the same bad news from several workers.

    After a SIGHUP, gunicorn's own master looks at no signal until the old workers have ended, which may take the whole
    grace period. A SIGTERM meanwhile would take that much longer, and a service manager kills what takes too long.

    A worker that cannot start makes the master end the others. If another one says the same meanwhile, gunicorn's own
    stops with a traceback, and does not clean up.
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
        try:
            super().reap_workers()
        except HaltServer:
            if self.LISTENERS:  # they are closed at the beginning of the end
                raise
        if self._reloading and self.told_to_end:
            raise StopIteration  # as its own handler of SIGTERM does
