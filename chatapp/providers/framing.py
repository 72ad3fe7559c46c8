"""How an HTTP/1.1 message is delimited (RFC 9112): its head, and a body in chunks, of a known length, or to the end."""

from __future__ import annotations

import re
from typing import Protocol

from httpx2 import RemoteProtocolError

LONGEST_HEAD = 65_536
LONGEST_LINE = 4_096
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")

Headers = list[tuple[bytes, bytes]]


class Body(Protocol):
    """Takes what is read from the connection, gives back what is the body's. ``complete``: nothing more follows."""

    complete: bool

    def feed(self, data: bytes) -> bytes: ...

    def ended(self) -> None:
        """The connection has ended.

        Raises:
            RemoteProtocolError: the body has not.
        """


class ChunkedBody:
    """``Transfer-Encoding: chunked``. Extensions and trailers are passed over."""

    def __init__(self) -> None:
        self.complete = False
        self._held = b""
        self._left = 0
        self._last = False

    def feed(self, data: bytes) -> bytes:
        if self._held:
            data = self._held + data
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.complete:
            if self._left:
                part = data[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                continue
            end = data.find(b"\n", at)
            if end < 0:
                break
            self._line(data[at:end])
            at = end + 1
        self._held = data[at:]
        if len(self._held) > LONGEST_LINE:
            raise RemoteProtocolError("a line of the chunked body has no end")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _line(self, line: bytes) -> None:
        """Takes in what stands between chunks: a size, the empty line after a chunk, a trailer, the last line."""
        size = line.partition(b";")[0].strip()
        if self._last:
            self.complete = not size
        elif size:
            if not _SIZE.fullmatch(size):
                raise RemoteProtocolError("the size of a chunk is not a number")
            self._left = int(size, 16)
            self._last = not self._left

    def ended(self) -> None:
        if not self.complete:
            raise RemoteProtocolError("the connection ended in the middle of a chunked body")


class SizedBody:
    """``Content-Length``, also of 0: ``complete`` from the beginning."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.complete = length == 0

    def feed(self, data: bytes) -> bytes:
        data = data[: self._left]
        self._left -= len(data)
        self.complete = self._left == 0
        return data

    def ended(self) -> None:
        if not self.complete:
            raise RemoteProtocolError("the connection ended before the body was complete")


class OpenBody:
    """Neither of both: the body ends where the connection does."""

    complete = False

    def feed(self, data: bytes) -> bytes:
        return data

    def ended(self) -> None:
        """Any end is the right one."""


def parse_head(head: bytes) -> tuple[bytes, int, Headers]:
    """The version (``b"HTTP/1.1"``), the status and the headers of a response, without the empty line after them.

    Raises:
        RemoteProtocolError: it is none.
    """
    first, *lines = head.split(b"\r\n")
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise RemoteProtocolError("the answer does not begin as one of HTTP/1.1 does")
    headers: Headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise RemoteProtocolError("a header cannot be read")
        headers.append((name, value.strip()))
    return version, int(rest[:3]), headers


def body_of(status: int, headers: Headers) -> Body:
    """How the body of the response to a GET or a POST is delimited.

    Raises:
        RemoteProtocolError: its length is not a number.
    """
    if status in {204, 304}:
        return SizedBody(0)
    if b"chunked" in header(headers, b"transfer-encoding").lower():
        return ChunkedBody()
    length = header(headers, b"content-length")
    if not length:
        return OpenBody()
    if not length.isdigit():
        raise RemoteProtocolError("the length of the body is not a number")
    return SizedBody(int(length))


def header(headers: Headers, name: bytes) -> bytes:
    """The value of the first header of this name (lower case), or nothing."""
    return next((value for key, value in headers if key.lower() == name), b"")
