"""One worker at a time tells gunicorn's master that it cannot start.

The master ends all workers when one has left with gunicorn's status for that. A second one that leaves with it
meanwhile breaks off that end, with a traceback and without clearing up.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import gevent

_TOKEN, _source = os.pipe()
os.set_blocking(_TOKEN, False)
os.write(_source, b"1")


def leave_or_wait(worker: Any) -> None:
    """Returns in the first worker that cannot start; in another one it waits until it is told to end, and leaves."""
    try:
        os.read(_TOKEN, 1)
    except BlockingIOError:
        while worker.alive:
            gevent.sleep(0.1)
        sys.exit(0)
