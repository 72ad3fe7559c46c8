"""Processes that must not outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel to send this process ``number`` as soon as its parent, ``parent``, is gone.

    It holds across ``exec``. Only Linux can do this; elsewhere it does nothing. The kernel watches the parent's
    *thread* that started this process, which therefore must be one that lives as long as the parent.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it went before the kernel was asked
        os.kill(os.getpid(), number)
