"""TCP ports on this machine."""

from __future__ import annotations

import errno
import random
import socket

from chatapp.embedded.errors import StartError

LOOPBACK = "127.0.0.1"
BACKLOG = 2048
# Below those that Linux gives to outgoing connections, so that a port that is kept stays free between two starts.
_OWN_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port on loopback that nothing listens on.

    Raises:
        StartError: there is none.
    """
    for port in random.sample(_OWN_PORTS, 200):
        if is_free(port):
            return port
    raise StartError("No free port on 127.0.0.1 between 20000 and 32000. Stop some of the programs that listen there.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def accepts(port: int) -> bool:
    """Whether something listens on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def listen(host: str, port: int) -> socket.socket:
    """Takes the port that the web server is going to serve; who connects from now on waits until it does.

    Raises:
        StartError: somebody has it, or this machine or user cannot have it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise StartError(f"HOST is {host!r}, which names no address of this machine.") from error
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(_refusal(host, port, error)) from error
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Stop that, or set PORT to another port."
    if error.errno == errno.EACCES:
        return f"Port {port} may only be used by root. Set PORT to one from 1024 on."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is {host!r}, which is not an address of this machine."
    return f"{host}, port {port}, cannot be served ({error.strerror}). Set HOST and PORT to others."
