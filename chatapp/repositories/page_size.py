"""Pages of lists are bounded by bytes, too: a client that does not read leaves its page in memory for a while."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

MOST_PAGE_BYTES = 4_000_000
"""Of texts, as JSON in UTF-8: a control character takes 6 bytes there."""


def fitting(
    items: Iterable[Item], text_of: Callable[[Item], str | None], most_bytes: int = MOST_PAGE_BYTES
) -> Iterator[Item]:
    """The first of ``items``: at least one, and as many as have room. ``text_of`` is what may be long in one."""
    left = most_bytes
    for number, item in enumerate(items):
        left -= len(json.dumps(text_of(item), ensure_ascii=False).encode())
        if left < 0 and number:
            return
        yield item
