"""The web server as a child process, on a socket that is bound before anything else starts."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from chatapp.embedded.child import Child
from config.start_gate import GATE

ROOT = Path(__file__).resolve().parents[2]
LISTEN_FD = "CHATAPP_LISTEN_FD"

_CLOSED = -1

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class WebServer:
    """Gunicorn with the project's configuration, and ``options`` of its command line besides.

    It is started in two steps, so that it imports its libraries while the parts that it needs are starting. The folder
    of the workers' figures must be known at the first: what an earlier run left there is cleared before they count.
    """

    def __init__(self, listener: socket.socket, options: list[str], metrics: Path) -> None:
        self._listener = listener
        self._gate, self._open_gate = os.pipe()
        host, self._port = listener.getsockname()[:2]
        self._host = _ANY_ADDRESS.get(host, host)
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "config" / "gunicorn.py"), *options, "wsgi:app"]
        env = {"PROMETHEUS_MULTIPROC_DIR": str(metrics), **os.environ}
        env |= {LISTEN_FD: str(listener.fileno()), GATE: str(self._gate)}
        self.child = Child("the web server", command, env=env, cwd=ROOT, pass_fds=[listener.fileno(), self._gate])

    @property
    def url(self) -> str:
        """What a person on this machine opens."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Starts it and lets go of the socket, so that nobody waits in its queue once the web server is gone."""
        self.child.start()
        self._listener.close()
        os.close(self._gate)

    def serve(self, env: Mapping[str, str]) -> None:
        """Lets it start its workers; ``env`` comes on top of this process's own environment."""
        try:
            os.write(self._open_gate, json.dumps(dict(env)).encode())
        except BrokenPipeError:  # it has ended already, which whoever watches over it is about to see
            return
        finally:
            self._close_gate()

    def end(self) -> None:
        """Asks it to end: with grace for what runs, or at once where nothing can run yet."""
        self._close_gate()
        self.child.end()

    def _close_gate(self) -> None:
        if self._open_gate != _CLOSED:
            os.close(self._open_gate)
            self._open_gate = _CLOSED

    def obstacle(self) -> str | None:
        """Why it is not ready to serve; None when it is."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return "The web server does not answer yet."
        finally:
            connection.close()
        return None if answer.status == http.client.OK else _reason(body)


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return "The web server is not ready."
