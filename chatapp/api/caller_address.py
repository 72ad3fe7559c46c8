"""Which address a request is counted under."""

from __future__ import annotations

import ipaddress

from flask import request


def caller_address() -> str:
    """The caller's address; for IPv6 its network of 64 bits, which one subscriber has alone."""
    address = request.remote_addr or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # the peer of a socket file
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:  # IPv4, as a socket for both families reports it
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
