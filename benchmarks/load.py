"""A client that costs little: raw sockets, one for each stream, so that the figures are the server's."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_READ_BYTES = 65_536
_END_BYTES = 500
_LAST_CHUNK = b"\r\n0\r\n\r\n"

Requests = Callable[[int], bytes]
"""The bytes of the request that stream number n sends; the streams of one measurement have numbers of their own."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer: seconds to its first token (None where none came), how many tokens came, and its last bytes."""

    first: float | None
    tokens: int
    end: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What ``concurrency`` streams at once were given. Times in milliseconds."""

    concurrency: int
    first_p50: float
    first_p95: float
    tokens_per_second: float
    failed: int
    failure: str | None


def post(path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> bytes:
    """A request as it goes over the wire; the connection ends with its answer."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(content)}", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def measure(port: int, requests: Requests, *, concurrency: int, rounds: int, tokens: int) -> Figures:
    """Sends ``concurrency`` requests at once, ``rounds`` times; an answer without all its ``tokens`` has failed."""
    streams: list[Stream] = []
    began = time.perf_counter()
    for first in range(0, rounds * concurrency, concurrency):
        numbers = range(first, first + concurrency)
        streams += await asyncio.gather(*(_stream(port, requests(number)) for number in numbers))
    elapsed = time.perf_counter() - began
    firsts = sorted(stream.first for stream in streams if stream.first is not None)
    failures = [stream.end for stream in streams if stream.tokens != tokens]
    return Figures(
        concurrency=concurrency,
        first_p50=1000 * _quantile(firsts, 0.5),
        first_p95=1000 * _quantile(firsts, 0.95),
        tokens_per_second=sum(stream.tokens for stream in streams) / elapsed,
        failed=len(failures),
        failure=failures[0] if failures else None,
    )


async def _stream(port: int, request: bytes) -> Stream:
    began = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        received = b""
        first: float | None = None
        while data := await reader.read(_READ_BYTES):
            received += data
            if first is None and _tokens_in(received):
                first = time.perf_counter() - began
            if received.endswith(_LAST_CHUNK):
                break
        writer.close()
    except OSError as error:
        return Stream(None, 0, str(error))
    return Stream(first, _tokens_in(received), received[-_END_BYTES:].decode(errors="replace"))


def _tokens_in(received: bytes) -> int:
    """Tokens in the deltas, ours or the provider's own; an ``end`` event repeats them and does not count."""
    if b"event: " not in received:
        return received.count(b'"content": "tok')
    return sum(event.count(b"tok") for event in received.split(b"event: ") if event.startswith(b"delta"))


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan
