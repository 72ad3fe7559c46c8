"""Only one worker tells gunicorn's master that it cannot start.

A worker says so by its exit status, and the master then ends the other workers. If a second worker leaves with the
same status while that is going on, the master stops with a traceback and does not clean up.
"""

import os
import sys
from typing import NoReturn

# All workers inherit this pipe. The one that reads the byte is the one that tells.
_TOKEN, _source = os.pipe()
os.set_blocking(_TOKEN, False)
os.write(_source, b"1")


def leave(failure: SystemExit) -> NoReturn:
    """Ends this worker, with the status of ``failure`` if it is the first one that cannot start."""
    try:
        os.read(_TOKEN, 1)
    except BlockingIOError:
        sys.exit(0)
    raise failure
