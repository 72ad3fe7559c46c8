"""What the worker asks the operating system for."""

from __future__ import annotations

import socket

import pytest

from config.worker import unread_options

XNU_PERSIST_TIMEOUT = 0x40
XNU_TCP_RXT_CONNDROPTIME = 0x80


@pytest.mark.parametrize(
    ("platform", "options"),
    [
        ("linux", {socket.TCP_USER_TIMEOUT: 60_000}),  # milliseconds
        ("darwin", {XNU_PERSIST_TIMEOUT: 60, XNU_TCP_RXT_CONNDROPTIME: 60}),  # seconds
        ("freebsd14", {}),
    ],
)
def test_a_client_that_does_not_read_is_dropped_by_the_means_of_the_platform(
    platform: str, options: dict[int, int]
) -> None:
    assert unread_options(platform, 60) == options
