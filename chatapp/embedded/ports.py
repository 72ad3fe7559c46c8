"""TCP ports on this machine."""

from __future__ import annotations

import random
import socket

from chatapp.embedded import StartError

LOOPBACK = "127.0.0.1"
# Below the range from which Linux and macOS take ports for outgoing connections.
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
