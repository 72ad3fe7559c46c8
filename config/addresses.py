"""What an address is counted under."""

import ipaddress


def network_of(address: str) -> str:
    """The address itself; for IPv6 its network of 64 bits, which one subscriber has alone.

    What is not an address, like the peer of a socket file, is returned as it is.
    """
    parsed = parsed_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed or address)


def is_this_host(address: str) -> bool:
    """Whether what comes from ``address`` comes from this host: by loopback, or by a socket file."""
    parsed = parsed_address(address)
    return parsed is None or parsed.is_loopback


def parsed_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """IPv4 also where a socket for both families has reported it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
