"""The least that can wait: a WSGI application that says it is ready and then nothing, and its gunicorn settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from gevent.event import Event

bind = f"127.0.0.1:{os.environ.get('PORT', '0')}"
worker_class = "gevent"
worker_connections = 10_000
control_socket_disable = True


def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterator[bytes]:
    """Answers ``/wait`` for ever, and anything else at once."""
    start_response("200 OK", [("Content-Type", "text/event-stream")])
    return _wait() if environ["PATH_INFO"] == "/wait" else iter([b"ready\n\n"])


def _wait() -> Iterator[bytes]:
    yield b"event: ready\n\n"
    while True:
        Event().wait(15)
        yield b": keep-alive\n\n"
