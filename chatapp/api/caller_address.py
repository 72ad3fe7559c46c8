"""Where a request comes from."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import request

_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-", "x-real-ip")


def caller_address() -> str:
    """The caller's address; for IPv6 its network of 64 bits, which one subscriber has alone."""
    address = request.remote_addr or "unknown"
    parsed = _parsed(address)
    if parsed is None:
        return address  # the peer of a socket file
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def is_from_this_host() -> bool:
    """Whether a program on this host calls, and not a proxy on it, for whoever asked that.

    A proxy says in a header that it is one, or else passes on the name that it was asked for.
    """
    if any(name.lower().startswith(_PROXY_HEADERS) for name, _ in request.headers):
        return False
    try:
        asked = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return False
    return _is_loopback(request.remote_addr or "") and (asked == "localhost" or _is_loopback(asked))


def _is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """As IPv4 where a socket for both families reports that as IPv6; ``None`` if it is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, ipaddress.IPv6Address) else parsed
