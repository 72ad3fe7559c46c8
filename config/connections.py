"""Connections whose clients are slow: how long they may take, and which of them make room for others."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import gevent
import gevent.socket
from gunicorn.http.errors import ParseException

from config.addresses import is_this_host, network_of

BODY_SECONDS = 30.0
BODY_RATE = 1000
"""A body has so many seconds, or must have brought so many bytes in each second so far."""

MOST_AT_ONCE = 65_536
"""Bytes read at once. Gunicorn drops a body that nobody reads in steps of 1 kB, and copies the rest in each of them."""

MOST_PER_ADDRESS = 1000
"""Connections from one address to one worker. Behind one address there may be a whole office."""


class TooSlow(ParseException):
    """A body comes more slowly than it may."""


class Connection(gevent.socket.socket):
    """A client's connection. ``silent`` holds it while it is waited for, the longest silent one first."""

    def __init__(self, client: Any, network: str, silent: dict[Connection, None]) -> None:
        super().__init__(client.family, client.type, client.proto, fileno=client.detach())
        self.network = network
        self._silent_ones = silent
        self._body_began: float | None = None
        self._received = 0
        self._is_ended = False

    def begin_body(self) -> None:
        """From now on a body is read, or the rest of one."""
        self._body_began, self._received = time.monotonic(), 0

    def end_body(self) -> None:
        """From now on the next request is waited for."""
        self._body_began = None

    @property
    def reads_body(self) -> bool:
        return self._body_began is not None

    def recv(self, size: int, *flags: Any) -> bytes:
        """As a socket's, at most ``MOST_AT_ONCE`` bytes. Other greenlets run first.

        Without that, whoever sends faster than is read would keep them all from running: nothing else waits here.

        Raises:
            TooSlow: a body is being read, and this piece of it has not come in time.
            GreenletExit: the connection was ended before the rest of a body came. Gunicorn then closes it without an
                answer, and the client sends the request again.
        """
        self._silent_ones[self] = None
        try:
            with gevent.Timeout(self._seconds_left(), TooSlow):
                gevent.sleep(0)
                try:
                    data: bytes = super().recv(min(size, MOST_AT_ONCE), *flags)
                except gevent.socket.cancel_wait_ex:  # no more is to come; what had come is read
                    data = super().recv(min(size, MOST_AT_ONCE), *flags)
        finally:
            self._silent_ones.pop(self, None)
        if not data and self._is_ended and self.reads_body:
            raise gevent.GreenletExit
        self._received += len(data)
        return data

    def end(self, how: int) -> None:
        """Shuts it down. What has come is still read, but a part of a body is not taken for the whole."""
        self._is_ended = True
        with suppress(OSError):  # it has just ended by itself
            self.shutdown(how)

    def _seconds_left(self) -> float | None:
        if self._body_began is None:
            return None
        return self._body_began + max(BODY_SECONDS, self._received / BODY_RATE) - time.monotonic()


class Connections:
    """The open connections of a worker: fewer than ``most``, and at most ``most_per_address`` from each other host.

    Where there is no room for another one, the connection that has been silent for the longest time ends: its client
    sends a request slowly, or none. An answer that is being written is never cut off.
    """

    def __init__(self, most: int, most_per_address: int | None) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._open: set[Connection] = set()
        self._by_network: Counter[str] = Counter()
        self._silent: dict[Connection, None] = {}

    @contextmanager
    def entered(self, client: Any, address: Any) -> Iterator[Connection | None]:
        """The connection of ``client``, or ``None`` if its address has too many and none of them is silent.

        ``address`` is what ``accept`` has said.
        """
        host = str(address[0]) if address else ""
        network = "" if is_this_host(host) else network_of(host)
        connection = Connection(client, network, self._silent)
        self._open.add(connection)
        self._by_network[network] += 1
        try:
            yield connection if self._has_room(network) else None
        finally:
            connection.close()
            self._open.discard(connection)
            self._by_network[network] -= 1
            if not self._by_network[network]:
                del self._by_network[network]

    def end_idle(self) -> None:
        """Ends those that wait for a request. One that has just come is still read and answered."""
        for one in self._silent:
            if not one.reads_body:
                one.end(socket.SHUT_RD)

    def _has_room(self, network: str) -> bool:
        most = self._most_per_address
        if network and most is not None and self._by_network[network] > most:
            return self._end_one(network)
        if len(self._open) >= self._most:
            self._end_one()
        return True

    def _end_one(self, network: str | None = None) -> bool:
        """Ends the one that has been silent the longest, of ``network`` if it is given; False if there is none."""
        silent = next((one for one in self._silent if network in (None, one.network)), None)
        if silent is None:
            return False
        del self._silent[silent]
        silent.end(socket.SHUT_RDWR)
        return True
