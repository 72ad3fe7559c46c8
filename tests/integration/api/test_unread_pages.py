"""Clients that ask for large pages and do not read them."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.support.chat_client import Person
from tests.support.chat_servers import Backends
from tests.support.provider import FakeProvider

PAGE = 4096


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ten_readers_who_do_not_read_cost_less_than_60_mb(mongodb_uri: str) -> None:
    with FakeProvider() as provider, ExitStack() as stack:
        backends = Backends.on(mongodb_uri, provider)
        with backends.server({"CHATAPP_MAX_MESSAGE_CHARS": "300000"}) as writing:
            ada = Person.register(writing.base_url)
            path = f"/api/conversations/{ada.start().conversation_id}/messages"
            for _ in range(12):
                ada.ask("POST", path, {"content": "\U0001f600" * 250_000}, expect=201)  # a megabyte
        with MongoClient[dict[str, Any]](backends.mongodb_uri) as client:
            # Otherwise the worker may index these messages while it is measured.
            client[backends.database]["conversations"].update_many({}, {"$set": {"isIndexed": True}})
        server = stack.enter_context(backends.server())
        (worker,) = server.worker_pids()
        assert ada.at(server.base_url).ask("GET", f"{path}?limit=1")
        before = _resident_bytes(worker)

        request = f"GET {path}?limit=200 HTTP/1.1\r\nHost: localhost\r\nCookie: {ada.cookie}\r\n\r\n".encode()
        readers = [stack.enter_context(socket.socket()) for _ in range(10)]
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PAGE)  # the system does not read for it
            reader.connect(("127.0.0.1", server.port))
            reader.sendall(request)
        for reader in readers:
            assert reader.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"

        cost = _resident_bytes(worker) - before
        assert cost < 60_000_000
