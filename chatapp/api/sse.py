"""Server-Sent Events (WHATWG HTML, section 9.2), each with one line of JSON."""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping

from flask import Response

from chatapp.api.sign_in import current_sign_in
from chatapp.container import container

HEARTBEAT = ": keep-alive\n\n"
"""A comment: no client sees it, and no proxy takes the connection for dead."""

HEARTBEAT_EVERY = 13.0
"""Seconds of silence after which the next one is sent. They come every two seconds, so 15 s are never exceeded."""

LOOKS_EVERY = 3.0
"""Seconds after which an open stream looks, when next there is something, whether its device is still signed in."""


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
    """An answer that goes on for as long as ``events`` do, and no longer than the device is signed in.

    ``events`` yields ``HEARTBEAT`` whenever nothing has happened for some seconds. Proxies are asked not to hold the
    answer back.
    """
    accounts, sign_in = container().accounts, current_sign_in()
    heard = _while_signed_in(events, lambda: accounts.is_signed_in(sign_in))
    response = Response(heard, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _while_signed_in(events: Iterator[str], is_signed_in: Callable[[], bool]) -> Iterator[str]:
    """Ends with a device that is signed out; its next connection is refused. Of the heartbeats only few are sent."""
    looked_at, told_at = time.monotonic(), -math.inf
    for happened in events:
        now = time.monotonic()
        if now - looked_at >= LOOKS_EVERY:
            if not is_signed_in():
                return
            looked_at = now
        if happened != HEARTBEAT or now - told_at >= HEARTBEAT_EVERY:
            told_at = now
            yield happened
