from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.outbound.addresses import is_public, may_reach, parse

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "104.16.0.1",
    "192.0.1.255",  # just below 192.0.2.0/24
    "172.32.0.1",  # just above 172.16.0.0/12
    "100.128.0.1",  # just above 100.64.0.0/10
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
NOT_PUBLIC = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_reached(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_every_other_address_is_refused_in_whatever_form(text: str) -> None:
    assert not is_public(ip_address(text))


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_hiding_an_ipv4_address_in_an_ipv6_one_changes_nothing(address: IPv4Address) -> None:
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    nat64 = IPv6Address(bytes.fromhex("0064ff9b") + b"\0" * 8 + address.packed)
    assert is_public(mapped) == is_public(nat64) == is_public(address)


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_retired_tunnels_are_never_public(address: IPv4Address) -> None:
    assert not is_public(IPv6Address(bytes.fromhex("2002") + address.packed + b"\0" * 10))
    assert not is_public(IPv6Address(bytes.fromhex("20010000") + b"\0" * 8 + address.packed))


@settings(deadline=None)
@given(st.ip_addresses())
def test_what_is_public_is_neither_private_nor_special(address: IPv4Address | IPv6Address) -> None:
    if is_public(address) and not (isinstance(address, IPv6Address) and parse(f"{address}") in ip_network("::/3")):
        assert not address.is_private
        assert not address.is_multicast
        assert not address.is_loopback
        assert not address.is_link_local


@settings(deadline=None)
@given(st.ip_addresses())
def test_an_address_reads_back_as_itself(address: IPv4Address | IPv6Address) -> None:
    assert parse(str(address)) == address


@pytest.mark.parametrize("text", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "one.one", "", "1.2.3.4.5"])
def test_old_spellings_are_no_literals_and_go_to_the_resolver(text: str) -> None:
    assert parse(text) is None


def test_a_named_network_opens_itself_and_nothing_beside_it() -> None:
    nets = [ip_network("127.0.0.0/8"), ip_network("fd00::/64")]
    assert may_reach(ip_address("127.0.0.1"), nets)
    assert may_reach(ip_address("::ffff:127.0.0.1"), nets)
    assert may_reach(ip_address("fd00::5"), nets)
    assert may_reach(ip_address("8.8.8.8"), nets)
    assert not may_reach(ip_address("10.0.0.1"), nets)
    assert not may_reach(ip_address("fd00:0:0:1::5"), nets)
    assert not may_reach(ip_address("::1"), nets)
