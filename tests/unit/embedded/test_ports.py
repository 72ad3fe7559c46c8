from __future__ import annotations

from chatapp.embedded.ports import accepts, free_port, is_free


def test_a_free_port_is_used_by_nobody_and_not_given_to_outgoing_connections() -> None:
    port = free_port()
    assert is_free(port)
    assert not accepts(port)
    assert port < 32_768
