"""Where a request comes from, as far as that can be believed."""

import ipaddress
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.requests import Request

from app.web.requests import listed_header

Ip = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
"""Some proxies write the port as well."""
IPV6_SITE = 64


def client_address(request: Request, trusted: Networks) -> str:
    """The peer of the socket, or what a trusted proxy says of its own peer: the right-most address in
    `X-Forwarded-For` that is no trusted proxy. What stands left of that anybody may have written.

    Empty where there is no address at all, as on a unix socket. The peer again, where a trusted proxy says nothing
    usable.
    """
    peer = _address(request.client.host if request.client else "")
    if peer is None:
        return ""
    if not _is_in(trusted, peer):
        return str(peer)
    for entry in reversed(listed_header(request, "X-Forwarded-For")):
        address = _address(entry)
        if address is None:
            break
        if not _is_in(trusted, address):
            return str(address)
    return str(peer)


def site_of(address: str) -> str:
    """What one client surely has for itself: who has an IPv6 address has all of its /64."""
    found = _address(address)
    return str(IPv6Network((found, IPV6_SITE), strict=False)) if isinstance(found, IPv6Address) else address


def _address(text: str) -> Ip | None:
    """IPv4 where IPv6 only wraps it."""
    written = WITH_PORT.fullmatch(text)
    try:
        found = ipaddress.ip_address((written[1] or written[2]) if written else text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_in(networks: Networks, address: Ip) -> bool:
    return any(address in network for network in networks)
