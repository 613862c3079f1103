import httpx
import pytest

from app.outbound.hosts import HostRules

RULES = HostRules.of("cdn.skytells.ai", "*.r2.dev", "https://files.example.com:8443", "http://127.0.0.1:*")


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.skytells.ai/a.png",
        "https://CDN.skytells.ai:443/a.png",
        "https://pub-1.r2.dev/a.png",
        "https://a.b.r2.dev/a.png",
        "https://files.example.com:8443/a.png",
        "http://127.0.0.1:8900/a.png",
        "http://127.0.0.1/a.png",
    ],
)
def test_a_listed_host_is_allowed(url: str) -> None:
    assert RULES.allow(httpx.URL(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.skytells.ai/a.png",
        "https://cdn.skytells.ai:8443/a.png",
        "https://cdn.skytells.ai.evil.com/a.png",
        "https://xcdn.skytells.ai/a.png",
        "https://skytells.ai/a.png",
        "https://r2.dev/a.png",
        "https://evilr2.dev/a.png",
        "https://r2.dev.evil.com/a.png",
        "https://user@cdn.skytells.ai/a.png",
        "https://files.example.com/a.png",
        "https://127.0.0.1/a.png",
        "http://127.0.0.2/a.png",
        "http://2130706433/a.png",
        "http://localhost/a.png",
        "ftp://cdn.skytells.ai/a.png",
        "/a.png",
    ],
)
def test_any_other_host_scheme_or_port_is_not(url: str) -> None:
    assert not RULES.allow(httpx.URL(url))


def test_without_rules_nothing_is_allowed() -> None:
    assert not HostRules.of().allow(httpx.URL("https://cdn.skytells.ai/"))


def test_an_ipv6_literal_can_be_listed() -> None:
    assert HostRules.of("http://[::1]:8900").allow(httpx.URL("http://[::1]:8900/a.png"))


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "*",
        "*.",
        "*.dev",
        "*.*.dev",
        "a.*.dev",
        "ftp://a.dev",
        "https://a.dev/path",
        "a.dev:x",
        "a b",
        "u@a.dev",
    ],
)
def test_a_rule_that_says_too_much_or_nothing_is_an_error(pattern: str) -> None:
    with pytest.raises(ValueError, match="host rule"):
        HostRules.of(pattern)
