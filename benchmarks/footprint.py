"""What waiting costs: memory for each running answer and each idle listener, and writes for each running answer.

``python -m benchmarks.footprint``. One worker, so that all of it is in one process. Beside a listener's memory
stands that of a connection to a bare WSGI application that waits just as long: what gunicorn and gevent take by
themselves.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from benchmarks.load import post
from benchmarks.provider import FakeProvider
from benchmarks.sessions import chat_sessions
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

ANSWERS = 200
LISTENERS = 1000
WATCHED_SECONDS = 5.0
ANSWER_KB_GOAL = 75
WRITES_GOAL = 5.0

_CRAWL = "crawl:tokens=600:gap=50"


def main() -> int:
    """Prints the figures; 1 where a goal is missed."""
    with FakeProvider() as provider, Mongod() as mongod:
        environment = {**provider.environment(_CRAWL), "MONGODB_URI": mongod.uri}
        with ServerProcess(environment, workers=1) as server, ServerProcess({}, workers=1, **_BARE) as bare:
            missed = asyncio.run(_answers(server, mongod.uri))
            asyncio.run(_listeners(server, bare))
            return missed


_BARE: dict[str, Any] = {"app": "benchmarks.waiting:app", "wait_for": "/", "config": "benchmarks/waiting.py"}


async def _answers(server: ServerProcess, uri: str) -> int:
    sessions = await asyncio.to_thread(chat_sessions, server.port, ANSWERS + 20)
    requests = [
        post(f"/api/chat/{session}/message", {"content": "hi"}, {"Cookie": cookie}) for session, cookie in sessions
    ]
    async with AsyncExitStack() as open_connections:
        await _open(open_connections, server.port, requests[:20], b"event: delta")  # what only the first ones cost
        before = _resident_kb(server)
        await _open(open_connections, server.port, requests[20:], b"event: delta")
        await asyncio.sleep(1.0)
        kilobytes = (_resident_kb(server) - before) / ANSWERS
        writes = await asyncio.to_thread(_writes_per_answer, uri, ANSWERS + 20)
    print(f"a running answer with its listener: {kilobytes:.0f} kB, {writes:.1f} writes/s")
    return int(kilobytes > ANSWER_KB_GOAL or writes > WRITES_GOAL)


def _writes_per_answer(uri: str, answers: int) -> float:
    """Updates that MongoDB carries out in a second, for each running answer, whatever bulk they come in."""
    with MongoClient[dict[str, Any]](uri) as client:
        before = client.admin.command("serverStatus")["opcounters"]["update"]
        time.sleep(WATCHED_SECONDS)
        after = client.admin.command("serverStatus")["opcounters"]["update"]
    return float(after - before) / WATCHED_SECONDS / answers


async def _listeners(server: ServerProcess, bare: ServerProcess) -> None:
    ((_, cookie),) = await asyncio.to_thread(chat_sessions, server.port, 1)
    ours = await _listener_kb(server, "/api/events", cookie)
    waiting = await _listener_kb(bare, "/wait", cookie)
    print(f"an idle listener: {ours:.1f} kB; a connection that waits in a bare application: {waiting:.1f} kB")


async def _listener_kb(server: ServerProcess, path: str, cookie: str) -> float:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    async with AsyncExitStack() as open_connections:
        await _open(open_connections, server.port, [request] * 20, b"ready")
        before = _resident_kb(server)
        for _ in range(LISTENERS // 50):
            await _open(open_connections, server.port, [request] * 50, b"ready")
        return (_resident_kb(server) - before) / LISTENERS


async def _open(stack: AsyncExitStack, port: int, requests: Sequence[bytes], until: bytes) -> None:
    """Sends the requests, and leaves their connections open once each was answered ``until`` there."""

    async def one(request: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stack.callback(writer.close)
        writer.write(request)
        await asyncio.wait_for(reader.readuntil(until), 60)

    await asyncio.gather(*(one(request) for request in requests))


def _resident_kb(server: ServerProcess) -> float:
    (worker,) = server.worker_pids()
    status = Path(f"/proc/{worker}/status").read_text()
    return float(status.split("VmRSS:")[1].split()[0])


if __name__ == "__main__":
    sys.exit(main())
