"""Server-Sent Events (WHATWG HTML, section 9.2), each with one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from flask import Response

HEARTBEAT = ": keep-alive\n\n"
"""A comment: no client sees it, and no proxy takes the connection for dead."""


def event(name: str, data: Mapping[str, object], id_: str | int | None = None) -> str:
    """One event as it goes over the wire."""
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    place = f"id: {id_}\n" if id_ is not None else ""
    return f"event: {name}\n{place}data: {line}\n\n"


def at_once(events: Iterator[str]) -> Iterator[str]:
    """``events`` after a comment, for streams whose first event may be long in coming.

    The head of an answer goes out with its first piece: without one, a client would not know that it is connected.
    """
    yield HEARTBEAT
    yield from events


def stream(events: Iterator[str]) -> Response:
    """An answer that goes on for as long as ``events`` do. Proxies are asked not to hold it back."""
    response = Response(events, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
