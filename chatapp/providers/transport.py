"""Carries the ``openai`` client's requests over HTTP/1.1, made for hundreds of streams in one gevent worker.

The client's usual transport costs four times as much CPU for each piece of an answer, and looks at every idle
connection for every request; docs/decisions has the figures. URLs, authentication and errors stay the client's.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import cast

import httpx2

from chatapp.providers.connection import Connection, EndedUnasked, Origin, errors_as
from chatapp.providers.framing import Body, body_of, header

_IDLE_SECONDS = 15.0
_MOST_IDLE = 100


class StreamTransport(httpx2.BaseTransport):
    """Connections are as many as there are requests; what is idle is used again, the newest first."""

    def __init__(self) -> None:
        self._idle: dict[Origin, deque[Connection]] = {}
        self._ssl_context: ssl.SSLContext | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        timeouts = cast(Mapping[str, float | None], request.extensions.get("timeout", {}))
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        data = _bytes_of(request)
        kept = self._reused(origin)
        if kept is not None:
            # A server may end an idle connection at any moment, some do right after an answer that they said could be
            # followed by another request. Nothing came back, so the request is taken not to have been seen.
            with suppress(EndedUnasked):
                return self._exchange(kept, data, timeouts)
        return self._exchange(self._opened(origin, timeouts.get("connect")), data, timeouts)

    def _exchange(self, connection: Connection, data: bytes, timeouts: Mapping[str, float | None]) -> httpx2.Response:
        try:
            connection.send(data, timeouts.get("write"))
            version, status, headers = connection.receive_head(timeouts.get("read"))
            body = body_of(status, headers)
        except BaseException:
            connection.close()
            raise
        reusable = version == b"HTTP/1.1" and b"close" not in header(headers, b"connection").lower()
        stream = _ResponseStream(connection, body, self if reusable else None)
        extensions = {"http_version": version, "wait_at_most": connection.wait_at_most}
        return httpx2.Response(status, headers=headers, stream=stream, extensions=extensions)

    def keep(self, connection: Connection) -> None:
        """Takes back a connection on which nothing is under way."""
        idle = self._idle.setdefault(connection.origin, deque())
        connection.idle_since = time.monotonic()
        idle.append(connection)
        while len(idle) > _MOST_IDLE or idle[0].idle_since < connection.idle_since - _IDLE_SECONDS:
            idle.popleft().close()

    def close(self) -> None:
        for connections in self._idle.values():
            while connections:
                connections.pop().close()

    def __del__(self) -> None:
        self.close()

    def _reused(self, origin: Origin) -> Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.idle_since > time.monotonic() - _IDLE_SECONDS and connection.is_quiet():
                return connection
            connection.close()
        return None

    def _opened(self, origin: Origin, timeout: float | None) -> Connection:
        scheme, host, port = origin
        if scheme not in {"http", "https"}:
            raise httpx2.UnsupportedProtocol(f"{scheme} is not a protocol that is spoken here")
        with errors_as(httpx2.ConnectTimeout, httpx2.ConnectError):
            connected = socket.create_connection((host, port), timeout)
            try:
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if scheme == "https":
                    connected = self._tls().wrap_socket(connected, server_hostname=host)
            except BaseException:
                connected.close()
                raise
        return Connection(origin, connected)

    def _tls(self) -> ssl.SSLContext:
        if self._ssl_context is None:
            context = httpx2.create_ssl_context()
            context.set_alpn_protocols(["http/1.1"])
            self._ssl_context = context
        return self._ssl_context


class _ResponseStream(httpx2.SyncByteStream):
    """The body as it comes, everything that one read brought in one piece."""

    def __init__(self, connection: Connection, body: Body, pool: StreamTransport | None) -> None:
        self._connection = connection
        self._body = body
        self._pool = pool
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        while not self._body.complete:
            received = self._connection.receive()
            if not received:
                self._pool = None
                self._body.ended()
                return
            data = self._body.feed(received)
            if data:
                yield data

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        if self._pool is not None and self._body.complete:
            self._pool.keep(self._connection)
        else:
            self._connection.close()


def _bytes_of(request: httpx2.Request) -> bytes:
    """The request with its body, which is in memory: one write, and mostly one packet."""
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % pair for pair in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n" + request.read()
