"""Where a request comes from."""

from urllib.parse import urlsplit

from flask import request

from config.addresses import network_of, parsed_address

_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-", "x-real-ip")


def caller_address() -> str:
    """The caller's address, or its network, as ``network_of`` gives it."""
    return network_of(request.remote_addr or "unknown")


def is_from_this_host() -> bool:
    """Whether a program on this host calls, and not a proxy on it, for whoever asked that.

    A proxy says in a header that it is one, or else passes on the name that it was asked for. One that does neither is
    nginx with nothing but ``proxy_pass``, which asks in HTTP/1.0; no program that reads figures does.
    """
    names = (name.lower() for name, _ in request.headers)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or any(name.startswith(_PROXY_HEADERS) for name in names):
        return False
    try:
        asked = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return False
    return _is_loopback(request.remote_addr or "") and (asked == "localhost" or _is_loopback(asked))


def _is_loopback(address: str) -> bool:
    parsed = parsed_address(address)
    return parsed is not None and parsed.is_loopback
