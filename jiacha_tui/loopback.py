"""Tells whether a host is this computer."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the host, a name or an address without brackets, is this computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
