"""Running work that would stall every stream of a worker outside of the event loop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def in_real_thread(work: Callable[[], Result]) -> Result:
    """The result of ``work``, computed in a real thread under gevent, else in the caller's."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work()
    from gevent import get_hub

    result: Result = get_hub().threadpool.apply(work)
    return result
