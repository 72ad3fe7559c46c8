"""Pages of lists are bounded by bytes, too: a client that does not read leaves its page in memory for a while."""

import json
from collections.abc import Callable, Iterable
from typing import TypeVar

Item = TypeVar("Item")

MOST_PAGE_BYTES = 4_000_000
"""Of texts, as JSON in UTF-8: a control character takes 6 bytes there."""


def fitting(
    items: Iterable[Item], text_of: Callable[[Item], str | None], limit: int, most_bytes: int = MOST_PAGE_BYTES
) -> tuple[list[Item], bool]:
    """The first of ``items``, and whether there are more: at most ``limit``, at least one, and as many as have room.

    ``text_of`` is what may be long in one. No more items are taken than those and the next one.
    """
    shown: list[Item] = []
    left = most_bytes
    for item in items:
        if text := text_of(item):
            left -= len(json.dumps(text, ensure_ascii=False).encode())
        if len(shown) == limit or (left < 0 and shown):
            return shown, True
        shown.append(item)
    return shown, False
