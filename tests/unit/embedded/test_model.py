from __future__ import annotations

import socket

from chatapp.embedded.model import free_port


def test_a_free_port_is_used_by_nobody_and_not_given_to_outgoing_connections() -> None:
    port = free_port()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert port < 32_768
