"""Runs every benchmark, one after another: ``python -m benchmarks``, or ``python -m benchmarks streaming`` for some."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks import (
    branches,
    data_layer,
    first_token,
    footprint,
    page,
    page_audit,
    search,
    start,
    streaming,
    turns,
    wire,
)

BENCHMARKS: dict[str, Callable[[], int]] = {
    "start": start.main,
    "data_layer": data_layer.main,
    "branches": branches.main,
    "wire": wire.main,
    "streaming": streaming.main,
    "footprint": footprint.main,
    "turns": turns.main,
    "first_token": first_token.main,
    "search": search.main,
    "page": page.main,
    "page_audit": page_audit.main,
}


def main(names: list[str]) -> int:
    """1 where a goal is missed."""
    missed = 0
    for name in names or BENCHMARKS:
        print(f"\n== {name}\n", flush=True)
        missed |= BENCHMARKS[name]()
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
