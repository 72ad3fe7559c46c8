"""Parses an event stream as the WHATWG HTML standard defines it (section 9.2.6, "Interpreting an event stream").

docs/decisions says which libraries were tried, and where they differ from the standard.
"""

from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event. ``name`` is ``message`` if the stream gives none; ``data`` is its data lines joined by line feeds."""

    name: str
    data: str


class StrayLine(str):
    """A line that is not a field of an event. The standard ignores it, but some providers send errors this way."""

    __slots__ = ()


class EventReader:
    """Takes the bytes of a stream, cut anywhere, and returns the events that they complete.

    Bytes that are not UTF-8 become U+FFFD. ``id`` and ``retry`` are ignored: they are for reconnecting, and an answer
    cannot be resumed. The reader buffers an incomplete event without a limit; the caller has to set one.
    """

    __slots__ = ("_after_cr", "_begun", "_data", "_name", "_rest")

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._begun = False
        self._after_cr = False
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[Event | StrayLine]:
        """The events and stray lines that ``data`` completes, in order."""
        if self._after_cr and data:
            data = data.removeprefix(b"\n")  # the second half of a CRLF; the first half has ended the line
            self._after_cr = False
        if b"\n" not in data and b"\r" not in data:
            self._rest.append(data)
            return []
        if self._rest:
            data = b"".join((*self._rest, data))
            self._rest = []
        lines = data.splitlines()  # splits bytes only at LF, CR and CRLF
        if not data.endswith(b"\n"):
            self._after_cr = data.endswith(b"\r")
            if not self._after_cr:
                self._rest = [lines.pop()]
        return self._read(lines)

    def leftover(self) -> list[Event | StrayLine]:
        """The event that was incomplete when the stream ended. The standard drops it; here the caller decides."""
        lines = [b"".join(self._rest)] if self._rest else []
        self._rest = []
        return self._read([*lines, b""])

    def _read(self, lines: list[bytes]) -> list[Event | StrayLine]:
        if not self._begun and lines:
            self._begun = True
            lines[0] = lines[0].removeprefix(_BOM)
        found: list[Event | StrayLine] = []
        for line in lines:
            if not line:
                if self._data:
                    found.append(Event(self._name or "message", "\n".join(self._data)))
                    self._data = []
                self._name = ""
                continue
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(_decoded(value))
            elif name == b"event":
                self._name = _decoded(value)
            elif name not in (b"", b"id", b"retry"):  # b"": a comment, which begins with a colon
                found.append(StrayLine(line.decode(errors="replace")))
        return found


def _decoded(value: bytes) -> str:
    return value.removeprefix(b" ").decode(errors="replace")
