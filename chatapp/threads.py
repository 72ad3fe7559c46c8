"""Work that would stop every stream of a worker, beside the event loop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def in_real_thread(work: Callable[[], Result]) -> Result:
    """``work``'s result, computed beside the event loop where gevent runs one, else right here."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work()
    from gevent import get_hub

    result: Result = get_hub().threadpool.apply(work)
    return result
