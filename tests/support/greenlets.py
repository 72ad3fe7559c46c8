"""Waiting in tests whose greenlets run in the tests' own process."""

from __future__ import annotations

from collections.abc import Callable

import gevent

from tests.support.processes import PATIENCE


def wait_until(condition: Callable[[], object]) -> None:
    """Returns once ``condition`` holds, and lets all other greenlets run meanwhile.

    Raises:
        gevent.Timeout: it did not for as long as ``PATIENCE``.
    """
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.005)
