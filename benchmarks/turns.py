"""Fifty people at once, a thousand turns: is one lost, doubled or refused?

``python -m benchmarks.turns``. Two workers; each person sends turns one after another, and reads the whole history
in the end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from benchmarks.load import post
from benchmarks.provider import FakeProvider
from benchmarks.sessions import chat_sessions
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

PEOPLE = 50
TURNS = 20
_MODEL = "echo"


def main() -> int:
    """Prints what became of the turns; 1 where one went wrong."""
    with FakeProvider() as provider, Mongod() as mongod:
        environment = {**provider.environment(_MODEL), "MONGODB_URI": mongod.uri}
        with ServerProcess(environment) as server:
            sessions = chat_sessions(server.port, PEOPLE)
            began = time.perf_counter()
            wrong = sum(asyncio.run(_everybody(server.port, sessions)))
            seconds = time.perf_counter() - began
    total = PEOPLE * TURNS
    print(f"{total} turns of {PEOPLE} people at once in {seconds:.1f} s ({total / seconds:.0f}/s): {wrong} went wrong")
    return int(wrong > 0)


async def _everybody(port: int, sessions: list[tuple[str, str]]) -> list[int]:
    return await asyncio.gather(*(_person(port, session, cookie) for session, cookie in sessions))


async def _person(port: int, session: str, cookie: str) -> int:
    """How many of a person's turns were refused, lost, doubled or out of order."""
    expected: list[str] = []
    refused = 0
    for number in range(TURNS):
        said = f"turn {number} of {session}"
        answer = await _ask(port, post(f"/api/chat/{session}/message", {"content": said}, {"Cookie": cookie}))
        refused += b"event: end" not in answer
        expected += [said, said]
    request = f"GET /api/chat/{session}/history?limit=200 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    history = await _ask(port, f"{request}Cookie: {cookie}\r\n\r\n".encode())
    stored = [message["content"] for message in json.loads(history.split(b"\r\n\r\n", 1)[1])["items"]]
    return refused + (stored != expected)


async def _ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


if __name__ == "__main__":
    sys.exit(main())
