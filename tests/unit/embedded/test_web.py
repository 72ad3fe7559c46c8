from __future__ import annotations

import os
import socket

import pytest

from chatapp.embedded import StartError
from chatapp.embedded.web import listen


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is taken .* set PORT"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named(host: str) -> None:
    with pytest.raises(StartError, match="HOST is"):
        listen(host, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every port")
def test_a_port_for_root_alone_is_named() -> None:
    with pytest.raises(StartError, match="Port 1 may only be used by root"):
        listen("127.0.0.1", 1)


def test_a_connection_before_the_server_is_ready_waits_in_its_queue() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as early:
        early.sendall(b"GET / HTTP/1.1\r\n\r\n")
