"""One HTTP/1.1 connection to a provider: what goes out, and what comes back of a response's head."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress

import httpx2

from chatapp.providers.framing import LONGEST_HEAD, Headers, parse_head

_READ_BYTES = 16_384

Origin = tuple[str, str, int]
_Error = httpx2.TransportError


class EndedUnasked(httpx2.RemoteProtocolError):
    """The other side ended the connection instead of answering."""


class Connection:
    """One connection, and what was read from it too early."""

    __slots__ = ("_early", "_socket", "idle_since", "origin")

    def __init__(self, origin: Origin, connected: socket.socket) -> None:
        self.origin = origin
        self.idle_since = 0.0
        self._socket = connected
        self._early = b""

    def send(self, data: bytes, timeout: float | None) -> None:
        """Where the other side takes no more, it may still have said why: that is for ``receive_head`` to find out."""
        self._socket.settimeout(timeout)
        with suppress(httpx2.WriteError), errors_as(httpx2.WriteTimeout, httpx2.WriteError):
            self._socket.sendall(data)

    def receive_head(self, timeout: float | None) -> tuple[bytes, int, Headers]:
        """The head of the response, once those that only announce it (1xx) are passed over.

        Raises:
            EndedUnasked: the connection ended, and nothing had come.
        """
        self._socket.settimeout(timeout)
        data = self._first_bytes()
        while True:
            head, end, rest = data.partition(b"\r\n\r\n")
            if end:
                version, status, headers = parse_head(head)
                if status >= 200:
                    self._early = rest
                    return version, status, headers
                data = rest
                continue
            received = self.receive()
            if not received or len(data) > LONGEST_HEAD:
                raise httpx2.RemoteProtocolError("the head of the answer has no end")
            data += received

    def _first_bytes(self) -> bytes:
        try:
            data = self.receive()
        except httpx2.ReadError as error:
            raise EndedUnasked(str(error)) from error
        if not data:
            raise EndedUnasked("the connection ended before an answer came")
        return data

    def receive(self) -> bytes:
        """What came next; nothing at the end of the connection."""
        if self._early:
            data, self._early = self._early, b""
            return data
        try:
            return self._socket.recv(_READ_BYTES)
        except TimeoutError as error:
            raise httpx2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpx2.ReadError(str(error)) from error

    def wait_at_most(self, seconds: float) -> None:
        """Changes how long a read waits."""
        self._socket.settimeout(seconds)

    def is_quiet(self) -> bool:
        """Whether the other side has neither ended the idle connection nor sent what nobody asked for."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        self._socket.close()


@contextmanager
def errors_as(
    timeout: type[httpx2.TransportError], failure: type[httpx2.TransportError]
) -> Generator[None, None, None]:
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except OSError as error:
        raise failure(str(error)) from error
