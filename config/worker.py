"""The gunicorn worker.

It lives apart from the application: gunicorn's master imports it before gevent has patched anything,
and the application brings pymongo and ssl.
"""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

import gevent
import gevent.socket
from gevent.event import Event
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn.http.errors import InvalidResponseHeader, InvalidResponseHeaderName, ParseException
from gunicorn.util import close_graceful
from gunicorn.workers.ggevent import GeventWorker

from config.preload import patch_standard_library
from config.refusals import refusal

NOTIFY_INTERVAL = 1.0
"""Seconds between two signs of life to the master."""

KILL_MARGIN = 2.0
"""Seconds before the master kills that a worker ends what still runs by itself."""

UNREAD_TIMEOUT = 60_000
"""Milliseconds after which a connection is dropped whose other end takes nothing of what was sent."""


class ChatWorker(GeventWorker):
    """A gevent worker that hears of its end at once.

    Gunicorn's own notices SIGTERM up to a second later, takes connections until then, waits for idle
    keep-alive connections as if they were requests, and does not wait for work without a request.
    """

    alive: bool
    sockets: list[Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._idle: set[gevent.Greenlet] = set()
        self._stopping: gevent.Greenlet | None = None
        self._told_to_end: Event | None = None

    @property
    def grace_seconds(self) -> float:
        """How long running requests and answers may go on after SIGTERM."""
        return max(0.0, float(self.cfg.graceful_timeout) - KILL_MARGIN)

    def run(self) -> None:
        """Serves until SIGTERM, then until the last request and answer has ended or the grace period is over."""
        self._told_to_end = Event()
        servers = [self._serve(listener) for listener in self.sockets]
        while self.alive:
            self.notify()
            self._told_to_end.wait(NOTIFY_INTERVAL)
        deadline = time.monotonic() + self.grace_seconds
        for server in servers:
            server.close()
        while self._is_busy(servers) and time.monotonic() < deadline:
            self.notify()
            self._close_idle_connections()
            gevent.sleep(0.05)
        for server in servers:
            server.stop(timeout=1)

    def patch(self) -> None:
        """Gunicorn's own would patch what ``patch_standard_library`` leaves alone on purpose."""
        patch_standard_library()
        self.sockets = [_for_gevent(listener) for listener in self.sockets]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM. In greenlets, because a signal's handler must not block."""
        if self.alive:
            self.alive = False
            if hasattr(self, "wsgi"):  # else it is still being loaded, and runs nothing
                self._stopping = gevent.spawn(_tell_application, self.wsgi, self.grace_seconds)
            if self._told_to_end is not None:
                gevent.spawn(self._told_to_end.set)

    def timeout_ctx(self) -> _IdleConnection:
        return _IdleConnection(float(self.cfg.keepalive), self._idle)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """What cannot be read is answered in JSON, and not quoted in the log."""
        if not isinstance(exc, ParseException) or isinstance(exc, InvalidResponseHeader | InvalidResponseHeaderName):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("No request that can be read, from %s: %s", addr[0] if addr else "-", type(exc).__name__)
        with suppress(OSError):
            client.sendall(refusal(exc))
        close_graceful(client)  # closed with something unread, it would take the answer back

    def _serve(self, listener: Any) -> StreamServer:
        listener.setblocking(True)
        if listener.family != socket.AF_UNIX and hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_TIMEOUT)

        def handle(client: Any, address: Any) -> None:
            self.handle(listener, client, address)

        server = StreamServer(listener, handle=handle, spawn=Pool(self.worker_connections))
        if self.cfg.workers > 1:
            server.max_accept = 1  # so that the workers share a burst instead of one taking all of it
        server.start()
        return server

    def _is_busy(self, servers: list[StreamServer]) -> bool:
        answers_running = self._stopping is not None and not self._stopping.ready()
        return answers_running or any(len(server.pool) for server in servers)

    def _close_idle_connections(self) -> None:
        for greenlet in list(self._idle):
            greenlet.kill(block=False)


class _IdleConnection:
    """While a connection waits for its next request: a time limit, and the mark that it may be closed."""

    def __init__(self, seconds: float, idle: set[gevent.Greenlet]) -> None:
        self._timeout = gevent.Timeout(seconds, False)
        self._idle = idle

    def __enter__(self) -> None:
        self._idle.add(gevent.getcurrent())
        self._timeout.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._idle.discard(gevent.getcurrent())
        self._timeout.close()
        # Either way there is no next request, which is what gunicorn makes of an empty one.
        return error is self._timeout or isinstance(error, gevent.GreenletExit)


def _for_gevent(listener: Any) -> gevent.socket.socket:
    """The master's socket, which it made before anything was patched, as one that lets other greenlets run."""
    return gevent.socket.socket(listener.FAMILY, socket.SOCK_STREAM, fileno=listener.sock.detach())


def _tell_application(application: Any, grace_seconds: float) -> None:
    """Runs ``chatapp.worker_stopping``: it refuses new turns, and returns when no answer is left."""
    stopping = getattr(sys.modules.get("chatapp"), "worker_stopping", None)
    if stopping is not None:
        stopping(application, grace_seconds)
