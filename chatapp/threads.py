"""Running work that would stall every stream of a worker outside of the event loop."""

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def under_gevent() -> bool:
    """Whether threads are greenlets in this process."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def in_real_thread(work: Callable[[], Result]) -> Result:
    """The result of ``work``, computed in a real thread under gevent, else in the caller's."""
    if not under_gevent():
        return work()
    from gevent import get_hub

    result: Result = get_hub().threadpool.apply(work)
    return result
