"""What processes ask of the system: an end with the process that started them, and open files."""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

CAN_END_WITH_PARENT = sys.platform == "linux"
"""Only Linux ends a process when its parent ends. Elsewhere somebody has to watch."""

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if CAN_END_WITH_PARENT else None


def end_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Asks the kernel to send this process ``number`` as soon as its parent, ``parent``, ends.

    This stays in force across ``exec``. The kernel watches the *thread* of the parent that started this process, so
    that thread must live as long as the parent. Does nothing where ``CAN_END_WITH_PARENT`` is false.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # the parent ended before the kernel was asked
        os.kill(os.getpid(), number)


def raise_file_limit() -> int:
    """Lets this process and its children open as many files as the system allows. Returns how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    with suppress(ValueError, OSError):  # macOS has another limit besides
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
