"""Named places where a test can kill the process, hold it up, or run something of its own.

``CHATAPP_FAILPOINTS`` arms them for a child process: ``name=kill`` ends it there as ``kill -9`` would,
``name=kill@3`` at the third time, ``name=wait:0.5`` waits that many seconds. Unset, and so in
production, a point costs the look into an empty dictionary.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_armed: dict[str, Callable[[], None]] = {}


def reach(name: str) -> None:
    """Do what this point is armed with; mostly nothing."""
    if _armed and (action := _armed.get(name)):
        action()


@contextmanager
def armed(name: str, action: Callable[[], None]) -> Iterator[None]:
    """Run ``action`` in this process whenever the point is reached inside the block."""
    _armed[name] = action
    try:
        yield
    finally:
        del _armed[name]


def _killer(nth: int) -> Callable[[], None]:
    left = nth

    def kill() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def _action(text: str) -> Callable[[], None]:
    verb, _, detail = text.replace("@", ":").partition(":")
    if verb == "kill":
        return _killer(int(detail or 1))
    if verb == "wait":
        seconds = float(detail)
        return lambda: time.sleep(seconds)
    raise ValueError(f"CHATAPP_FAILPOINTS knows kill, kill@N and wait:SECONDS, not {text!r}.")


def arm_from(text: str) -> None:
    """Arm what a value of ``CHATAPP_FAILPOINTS`` names.

    Raises:
        ValueError: it names an action that does not exist.
    """
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        name, _, action = entry.partition("=")
        _armed[name] = _action(action)


arm_from(os.environ.get("CHATAPP_FAILPOINTS", ""))
