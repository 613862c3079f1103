from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.outbound.addresses import is_public
from app.outbound.errors import UrlRefused
from app.outbound.urls import check_url


def refusal(url: str, *, allow_http: bool = False) -> str:
    try:
        check_url(url, allow_http=allow_http)
    except UrlRefused as error:
        return error.reason
    return "accepted"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/skytells?id=7",
        "HTTPS://Hooks.Example.COM/",
        "https://hooks.example.com:8443/x",
        "https://hooks.example.com./x",
        "https://8.8.8.8/x",
        "https://[2606:4700:4700::1111]/x",
        "https://[::ffff:8.8.8.8]/x",
        "https://bücher.example/ü",
        "https://xn--bcher-kva.example/",
        "https://a_b.example.com/",
        "https://example.com/@not-a-user:pass@",
        "https://example.com/?next=http://127.0.0.1/",
        "https://127.example.com/",
        "https://1e100.net/",
    ],
)
def test_a_clients_ordinary_url_is_accepted(url: str) -> None:
    assert refusal(url) == "accepted"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "scheme"),
        ("hooks.example.com/x", "scheme"),
        ("http://hooks.example.com/", "scheme"),
        ("ftp://hooks.example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://hooks.example.com/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("//hooks.example.com/", "scheme"),
        (" https://hooks.example.com/", "unparsable"),
        ("https://hooks.example.com/ x", "unparsable"),
        ("https://hooks.example.com\r\nX: y/", "unparsable"),
        ("https://good.example\\@127.0.0.1/", "unparsable"),
        ("https://①②⑦.⓪.⓪.①/", "unparsable"),
        ("https://０x7f.1/", "unparsable"),
        ("https://xn--/", "unparsable"),
        ("https://[::1/", "unparsable"),
        ("https://[127.0.0.1]/", "unparsable"),
        ("https://hooks.example.com:https/", "unparsable"),
        ("https://user@hooks.example.com/", "userinfo"),
        ("https://user:pass@hooks.example.com/", "userinfo"),
        ("https://hooks.example.com:@127.0.0.1/", "userinfo"),
        ("https:///x", "host"),
        ("https:hooks.example.com", "host"),
        ("https://./", "host"),
        ("https://hooks..example.com/", "host"),
        ("https://-.example.com/", "host"),
        ("https://127%2e0%2e0%2e1/", "host"),
        ("https://hooks.example.com%00/", "host"),
        ("https://localhost/", "host"),
        ("https://localhost./", "host"),
        ("https://app.localhost/", "host"),
        ("https://intranet/", "host"),
        ("https://metadata.google.internal/", "host"),
        ("https://printer.local/", "host"),
        ("https://2130706433/", "host"),
        ("https://0x7f000001/", "host"),
        ("https://0x7f.0.0.1/", "host"),
        ("https://0177.0.0.1/", "unparsable"),
        ("https://127.1/", "host"),
        ("https://example.0x7f/", "host"),
        ("https://1.2.3.4.5/", "host"),
        ("https://127.0.0.1/", "address"),
        ("https://127.0.0.1./", "address"),
        ("https://10.1.2.3/", "address"),
        ("https://169.254.169.254/latest/meta-data", "address"),
        ("https://0.0.0.0/", "address"),
        ("https://[::1]/", "address"),
        ("https://[::]/", "address"),
        ("https://[::ffff:127.0.0.1]/", "address"),
        ("https://[::ffff:7f00:1]/", "address"),
        ("https://[64:ff9b::7f00:1]/", "address"),
        ("https://[2002:7f00:1::]/", "address"),
        ("https://[fe80::1%25eth0]/", "address"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:65536/", "port"),
        ("https://hooks.example.com/" + "x" * 2048, "too_long"),
    ],
)
def test_a_url_that_could_hurt_is_refused_with_its_reason(url: str, reason: str) -> None:
    assert refusal(url) == reason


def test_plain_http_is_a_matter_of_permission() -> None:
    assert refusal("http://hooks.example.com/", allow_http=True) == "accepted"
    assert refusal("http://127.0.0.1/", allow_http=True) == "address"


def test_development_may_name_its_own_networks() -> None:
    nets = [ip_network("127.0.0.0/8")]
    assert check_url("http://127.0.0.1:9000/hook", allow_http=True, allow_nets=nets).port == 9000
    assert check_url("http://localhost:9000/hook", allow_http=True, allow_nets=nets).host == "localhost"
    with pytest.raises(UrlRefused, match="address"):
        check_url("http://10.0.0.1/hook", allow_http=True, allow_nets=nets)


@settings(deadline=None)
@given(st.ip_addresses())
def test_a_literal_is_accepted_exactly_when_it_is_public(address: IPv4Address | IPv6Address) -> None:
    literal = str(address) if address.version == 4 else f"[{address}]"
    assert refusal(f"https://{literal}/") == ("accepted" if is_public(address) else "address")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_either_a_url_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{text}/", f"https://example.com:{text}"):
        try:
            parsed = check_url(url, allow_http=True)
        except UrlRefused:
            continue
        assert parsed.scheme in ("http", "https")
        assert parsed.host
        assert not parsed.userinfo


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["{:d}", "{:#x}", "0{:o}"]))
def test_an_address_spelled_as_a_number_is_never_accepted(number: int, spelling: str) -> None:
    assert refusal(f"https://{spelling.format(number)}/") == "host"
