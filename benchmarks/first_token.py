"""What the index of search costs a turn: the time to the first token, with the indexer and without.

``python -m benchmarks.first_token``. Two servers with a database each take turns, a few seconds at a time.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack
from statistics import median
from typing import Any

from benchmarks.load import measure, post
from benchmarks.provider import FakeProvider
from benchmarks.sessions import chat_sessions
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

PEOPLE = 40
ROUNDS = 6
"""In each of them everybody sends a message to both servers."""

RATIO_GOAL = 1.05

_TOKENS = 3
_MODEL = f"normal:tokens={_TOKENS}:gap=5"
_INDEXED_WITHIN = 2.0
"""Seconds after which neither server has anything left to index."""


def main() -> int:
    """Prints the figures; 1 where the goal is missed."""
    with FakeProvider() as provider, ExitStack() as running:
        ports, requests = [], []
        for app in ("wsgi:app", "benchmarks.first_token:without_indexer()"):
            mongod = running.enter_context(Mongod())
            environment = {**provider.environment(_MODEL), "MONGODB_URI": mongod.uri}
            server = running.enter_context(ServerProcess(environment, app=app))
            ports.append(server.port)
            sessions = chat_sessions(server.port, PEOPLE)
            requests.append(
                [
                    post(f"/api/chat/{session}/message", {"content": "hi"}, {"Cookie": cookie})
                    for session, cookie in sessions
                ]
            )
        firsts: tuple[list[float], list[float]] = ([], [])
        for number in range(1 + ROUNDS):
            for which in (0, 1) if number % 2 else (1, 0):
                figures = asyncio.run(
                    measure(ports[which], requests[which].__getitem__, concurrency=1, rounds=PEOPLE, tokens=_TOKENS)
                )
                if number:  # the first round only warms up
                    firsts[which].append(figures.first_p50)
                time.sleep(_INDEXED_WITHIN)
    indexed, bare = map(median, firsts)
    print(
        f"first token, {PEOPLE * ROUNDS} turns each, p50: {indexed:.2f} ms, without the indexer {bare:.2f} ms:"
        f" {indexed / bare:.2f} times (goal {RATIO_GOAL})"
    )
    return int(indexed > RATIO_GOAL * bare)


def without_indexer() -> Any:
    """The application for gunicorn, in which nothing is ever indexed."""
    from chatapp.repositories.search_index import SearchIndex
    from wsgi import app

    setattr(SearchIndex, "is_behind", lambda _index: False)  # noqa: B010 - mypy does not let a method be replaced
    return app


if __name__ == "__main__":
    sys.exit(main())
