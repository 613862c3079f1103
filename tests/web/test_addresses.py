"""A client's address: the peer's, unless a proxy that is trusted says better."""

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from app.web.addresses import client_address, site_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def address(peer: str | None, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return client_address(Request({"type": "http", "client": (peer, 1) if peer else None, "headers": headers}), PROXIES)


@pytest.mark.parametrize("peer", ["198.51.100.7", "2001:db8::7", "127.0.0.1"])
def test_a_stranger_s_word_is_not_believed(peer: str) -> None:
    assert address(peer) == address(peer, "203.0.113.9") == address(peer, "10.0.0.1, 203.0.113.9") == peer


@pytest.mark.parametrize("peer", ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1"])
def test_a_trusted_proxy_s_word_is(peer: str) -> None:
    assert address(peer, "203.0.113.9") == "203.0.113.9"


@pytest.mark.parametrize(
    "forwarded",
    [
        ("6.6.6.6, 203.0.113.9",),
        ("6.6.6.6", "203.0.113.9"),
        ("10.9.9.9, 6.6.6.6, 203.0.113.9, 10.0.0.2, 10.0.0.3",),
        ("<script>, 203.0.113.9",),
        ("203.0.113.9, fd00::2",),
        (",, 203.0.113.9 ,",),
        ("203.0.113.9:40000",),
        ("::ffff:203.0.113.9",),
    ],
)
def test_what_stands_left_of_the_last_stranger_is_forged(forwarded: tuple[str, ...]) -> None:
    assert address("10.0.0.1", *forwarded) == "203.0.113.9"


@pytest.mark.parametrize(
    "forwarded",
    [
        "",
        "nonsense",
        "203.0.113.9, nonsense",
        "203.0.113.9, 10.0.0.2, 1.2.3",
        "unknown",
        "10.0.0.2, 10.0.0.3",
        "\xff",
        "1",
    ],
)
def test_a_proxy_that_says_nothing_usable_is_the_client(forwarded: str) -> None:
    assert address("10.0.0.1", forwarded) == address("10.0.0.1") == "10.0.0.1"


def test_an_ipv6_client_may_come_with_brackets_and_port() -> None:
    assert address("10.0.0.1", "[2001:db8::7]:443") == address("10.0.0.1", "2001:db8::7") == "2001:db8::7"


def test_a_unix_socket_has_no_address() -> None:
    assert address(None, "203.0.113.9") == address("", "203.0.113.9") == ""


def test_clients_are_told_apart_by_what_they_cannot_change_at_will() -> None:
    assert site_of("203.0.113.9") == "203.0.113.9"
    assert site_of("2001:db8:1:2:3:4:5:6") == site_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert site_of("") == ""
