"""The gunicorn worker.

It is not part of the application, because gunicorn's master imports it before gevent has patched anything, while the
application imports pymongo and ssl.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.util import close_graceful
from gunicorn.workers.ggevent import GeventWorker

from config.connections import Connection, Connections
from config.preload import patch_standard_library
from config.refusals import check_host, refusal

if TYPE_CHECKING:
    from flask import Flask

    from config.master import ChatMaster

NOTIFY_INTERVAL = 1.0
"""Seconds between two heartbeats to the master."""

KILL_MARGIN = 2.0
"""Seconds: a worker ends what still runs this much earlier than the master would kill it."""

LINGER = 0.5
"""Seconds after SIGTERM in which idle connections may still bring a request, which may already be on its way."""

UNREAD_TIMEOUT = 60
"""Seconds after which a connection is dropped if the client takes nothing of what was sent."""


def unread_options(platform: str, seconds: int) -> Mapping[int, int]:
    """The TCP options that drop a connection whose client takes nothing for ``seconds``, with their values.

    ``platform`` is ``sys.platform``. Python has no names for the options of macOS, which come from its netinet/tcp.h:
    PERSIST_TIMEOUT, for a client that is there but does not read, and TCP_RXT_CONNDROPTIME, for one that is gone.
    """
    if platform == "linux":
        return {socket.TCP_USER_TIMEOUT: seconds * 1000}
    if platform == "darwin":
        return {0x40: seconds, 0x80: seconds}
    return {}


class ChatWorker(GeventWorker):
    """A gevent worker that reacts to SIGTERM at once.

    Gunicorn's own worker notices SIGTERM up to a second later and accepts connections until then. It waits for idle
    keep-alive connections as if they were requests, and does not wait for work without a request.
    """

    alive: bool
    sockets: list[Any]
    wsgi: Any
    master: ChatMaster | None = None
    """The copy of gunicorn's master that this process is forked from."""
    place: int
    """Its place among the workers' notes, which no other living worker has."""
    application: Flask | None = None
    """Not set until it is loaded, nor when a syntax error prevents that; `make dev` then serves the error instead."""
    most_per_address: int | None = None
    """How many connections may come from one address; ``None``: any number."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: list[Connections] = []
        self._told_to_end: Event | None = None

    def run(self) -> None:
        """Serves until SIGTERM, then until the last request and answer has ended or the grace period is over."""
        self._told_to_end = Event()
        servers = [self._serve(listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            self._told_to_end.wait(NOTIFY_INTERVAL)
        deadline = time.monotonic() + self.cfg.graceful_timeout - KILL_MARGIN
        for server in servers:
            server.close()
        # Also while none is idle: a request that has just come in has yet to begin its turn.
        self._wait_until(lambda: not _has_connections(servers), LINGER)
        stopping = gevent.spawn(self._stop_application, deadline)
        self._wait_until(lambda: self._has_closed_idle(servers) and stopping.ready(), deadline - time.monotonic())

    def patch(self) -> None:
        """Gunicorn's own method would patch modules that ``patch_standard_library`` deliberately leaves alone."""
        patch_standard_library()
        self.sockets = [listener.sock for listener in self.sockets]

    def init_signals(self) -> None:
        """Until now this process has recorded signals as the master does, and nobody has looked at them."""
        super().init_signals()
        if self.master is not None and self.master.told_to_end:
            sys.exit(0)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        from flask import Flask

        if isinstance(self.wsgi, Flask):
            self.application = self.wsgi

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM. Uses a greenlet, because a signal handler must not block."""
        self.alive = False
        if self._told_to_end is None and self.application is None:
            sys.exit(0)  # it is still being loaded, and holds the listening socket open
        if self._told_to_end is not None:
            gevent.spawn(self._told_to_end.set)

    def handle_request(self, listener_name: Any, req: Any, sock: Connection, addr: Any) -> Any:
        check_host(req)
        # Gunicorn first asks this when it writes the head of the answer, and keeps to what it has said there: a client
        # that was told to keep its connection may already have sent the next request on it.
        closes = req.should_close()
        req.should_close = cache(lambda: closes or not self.alive)
        gevent.sleep(0)  # of requests that have come in one piece, none waits for anything
        sock.begin_body()
        try:
            return super().handle_request(listener_name, req, sock, addr)
        finally:
            sock.end_body()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """A request that cannot be parsed is answered in JSON and not quoted in the log."""
        if not isinstance(exc, ParseException) or isinstance(exc, InvalidResponseHeader | InvalidResponseHeaderName):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Not a valid request, from %s: %s", addr[0] if addr else "-", type(exc).__name__)
        client.sendall(refusal(exc))
        close_graceful(client)  # closing a socket with unread input would discard the answer

    def _serve(self, listener: Any) -> StreamServer:
        options = unread_options(sys.platform, UNREAD_TIMEOUT)
        connections = Connections(self.worker_connections, self.most_per_address)
        self._connections.append(connections)

        def handle(client: Any, address: Any) -> None:
            for option, value in options.items():
                with suppress(OSError):  # the connection is already gone, or not one of TCP
                    client.setsockopt(socket.IPPROTO_TCP, option, value)
            with connections.entered(client, address) as connection:
                if connection is not None:
                    self.handle(listener, connection, address)

        server = StreamServer(listener, handle=handle, spawn=Pool(self.worker_connections))
        server.max_accept = 1  # so that a burst is shared by the workers
        server.start()
        return server

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            self.notify()
            gevent.sleep(0.05)

    def _stop_application(self, deadline: float) -> None:
        """It refuses new turns, and this returns when no answer is left or at ``deadline`` (monotonic seconds)."""
        if self.application is not None:  # otherwise nothing runs
            from chatapp import worker_stopping  # not earlier: a reload (SIGHUP) must run the new code

            worker_stopping(self.application, deadline - time.monotonic())

    def _has_closed_idle(self, servers: list[StreamServer]) -> bool:
        """Closes the idle connections; True when no other is left."""
        for connections in self._connections:
            connections.end_idle()
        return not _has_connections(servers)


def _has_connections(servers: list[StreamServer]) -> bool:
    return any(len(server.pool) for server in servers)
