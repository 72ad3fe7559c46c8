"""Server-Sent Events as a client reads them (WHATWG HTML, section 9.2), and what it heard of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from socket import SHUT_RDWR
from typing import Any, Self

BROKEN = (ConnectionError, IncompleteRead)
"""How a connection ends whose server has died."""


def utf16_length(text: str) -> int:
    """How a browser counts."""
    return len(text.encode("utf-16-le")) // 2


def utf16_cut(text: str, end: int) -> str:
    """The text up to a place that a browser counted."""
    return text.encode("utf-16-le")[: end * 2].decode("utf-16-le")


@dataclass(frozen=True, slots=True)
class SseEvent:
    """``id`` is what this event brought itself."""

    name: str
    data: dict[str, Any]
    id: str | None = None


class SseParser:
    """Takes bytes as they come. The server promises one line of JSON for each event, and no comment but its own."""

    def __init__(self) -> None:
        self._pending = b""
        self.comments = 0

    def feed(self, data: bytes) -> Iterator[SseEvent]:
        assert b"\r" not in data, "a carriage return would end the line"
        *blocks, self._pending = (self._pending + data).split(b"\n\n")
        for block in blocks:
            if block.startswith(b":"):
                self.comments += 1
                continue
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
            yield SseEvent(fields["event"], json.loads(fields["data"]), fields.get("id"))


@dataclass
class Heard:
    """What one listener was told of an answer. ``place`` counts UTF-16 code units, from where it began to listen."""

    place: int = 0
    text: str = ""
    started: dict[str, Any] | None = None
    titles: list[str] = field(default_factory=list)
    ended: dict[str, Any] | None = None

    def take(self, event: SseEvent) -> None:
        assert self.ended is None, "nothing comes after the end"
        match event.name:
            case "start":
                assert self.place == 0
                assert not self.text
                self.started = event.data
            case "title":
                self.titles.append(event.data["title"])
            case "delta":
                self.text += event.data["text"]
                self.place += utf16_length(event.data["text"])
                assert event.id == str(self.place), "an id is the length of the answer so far"
            case "end":
                self.ended = event.data["assistantMessage"]
            case other:
                raise AssertionError(f"an event named {other}")

    @property
    def answer(self) -> dict[str, Any]:
        """The answer as ``end`` told it."""
        assert self.ended is not None, "the answer has not ended"
        return self.ended

    @property
    def answer_id(self) -> str:
        assert self.started is not None, "the listener did not begin with the turn"
        return str(self.started["assistantMessage"]["id"])


class EventStream:
    """An open stream. Iterating ends with the stream; ``broken`` says that it ended without its last chunk."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connection = connection
        self._response = response
        self._parser = SseParser()
        self.broken = False

    @property
    def keep_alives(self) -> int:
        return self._parser.comments

    def __iter__(self) -> Iterator[SseEvent]:
        try:
            while data := self._response.read1(65_536):
                yield from self._parser.feed(data)
        except BROKEN:
            self.broken = True

    def hang_up(self) -> None:
        """Ends the connection while another thread reads."""
        if self._connection.sock is not None:
            self._connection.sock.shutdown(SHUT_RDWR)

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AnswerStream(EventStream):
    """The stream of a turn, and what was heard on it."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse, place: int = 0) -> None:
        super().__init__(connection, response)
        self.heard = Heard(place)
        self._events = iter(self)

    def until(self, enough: Callable[[Heard], bool]) -> Heard:
        """Reads on until ``enough`` was heard, or all."""
        while not enough(self.heard):
            event = next(self._events, None)
            if event is None:
                break
            self.heard.take(event)
        return self.heard

    def until_started(self) -> Heard:
        return self.until(lambda heard: heard.started is not None)

    def until_text(self, length: int = 1) -> Heard:
        """Reads on until so many characters have come."""
        return self.until(lambda heard: len(heard.text) >= length or heard.ended is not None)

    def rest(self) -> Heard:
        """Reads to the end."""
        return self.until(lambda _: False)
