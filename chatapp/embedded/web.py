"""The web server as a child process, on a socket that is bound before anything else starts."""

import errno
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from chatapp.embedded import StartError
from chatapp.embedded.child import ROOT, Child, is_ready
from config.start_gate import GATE

LISTEN_FD = "CHATAPP_LISTEN_FD"
BACKLOG = 2048

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class WebServer:
    """Gunicorn with the project's configuration and additional command-line ``options``.

    It starts in two steps, so that it can import its libraries while the parts that it needs are starting.
    """

    def __init__(self, listener: socket.socket, options: list[str], pass_fds: Sequence[int] = ()) -> None:
        self._listener = listener
        self._gate, write_end = os.pipe()
        self._open_gate = os.fdopen(write_end, "w")
        host, self._port = listener.getsockname()[:2]
        self._host = _ANY_ADDRESS.get(host, host)
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "config" / "gunicorn.py"), *options, "wsgi:app"]
        env = os.environ | {LISTEN_FD: str(listener.fileno()), GATE: str(self._gate)}
        if sys.platform == "darwin":
            # Read when a process starts. Without it macOS ends forked workers that use a system library.
            env.setdefault("OBJC_DISABLE_INITIALIZE_FORK_SAFETY", "YES")
        self.child = Child(command, env=env, cwd=ROOT, pass_fds=[listener.fileno(), self._gate, *pass_fds])

    @property
    def url(self) -> str:
        """The address to open on this machine."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Starts it and closes the socket here, so that no connection waits in the queue once the web server ends."""
        self.child.start()
        self._listener.close()
        os.close(self._gate)

    def serve(self, env: Mapping[str, str]) -> None:
        """Lets it start its workers. ``env`` is added to the environment of this process."""
        with suppress(BrokenPipeError), self._open_gate:  # it has already ended, which the supervisor is about to see
            json.dump(dict(env), self._open_gate)

    def close_gate(self) -> None:
        """If ``serve`` has not been called, it now ends at once."""
        self._open_gate.close()

    def is_ready(self) -> bool:
        """Whether it can serve requests now."""
        return is_ready(self._host, self._port, "/readyz", seconds=2)


def listen(host: str, port: int) -> socket.socket:
    """Takes the port for the web server. Connections from now on wait until it serves them.

    Raises:
        StartError: another program has the port, or this machine or user cannot have it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise StartError(f"HOST is {host!r}, which is not an address of this machine.") from error
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Stop that, or set PORT to another port."
    if error.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Set PORT to 1024 or higher."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is {host!r}, which is not an address of this machine."
    return f"The web server cannot listen on {host}, port {port} ({error.strerror}). Set HOST and PORT to others."
