"""Which IP addresses are public, decided without asking anyone."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is reached
GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has handed out so far

# Python 3.11 calls these global; IANA's special-purpose registries, or their owners, do not.
NOT_PUBLIC: Sequence[Network] = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890: protocol assignments
    IPv4Network("192.88.99.0/24"),  # RFC 7526: retired 6to4 relays
    IPv4Network("168.63.129.16/32"),  # Azure's host agent, which stands on a public address
    IPv6Network("2001::/32"),  # Teredo: retired, carries an IPv4 address inside
    IPv6Network("2002::/16"),  # 6to4: the same
    IPv6Network("3fff::/20"),  # RFC 9637: documentation
)


def parse(text: str) -> Address | None:
    """Read a literal address as URLs and resolvers write it: `::1`, `fe80::1%eth0`, `192.0.2.1.`."""
    try:
        return ip_address(text.removesuffix("."))
    except ValueError:
        return None


def reached(address: Address) -> Address:
    """Return the address where packets end up: mapped and NAT64 forms stand for an IPv4 address."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(address.packed[-4:])
    return address


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public Internet, whatever form it hides in."""
    end = reached(address)
    if any(end in network for network in NOT_PUBLIC):
        return False
    if isinstance(end, IPv6Address) and end not in GLOBAL_UNICAST:
        return False
    return end.is_global and not (end.is_multicast or end.is_reserved or end.is_unspecified)


def may_reach(address: Address, allow_nets: Sequence[Network] = ()) -> bool:
    """Public, or inside a network that the operator named."""
    end = reached(address)
    return is_public(end) or any(end in network for network in allow_nets)
