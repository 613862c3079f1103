"""The look at a client's URL, before any network."""

import re
from collections.abc import Sequence

import httpx

from app.outbound.addresses import Network, may_reach, parse
from app.outbound.errors import UrlRefused

MAX_URL = 2048  # what servers on the other side commonly accept

NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
NUMERIC_END = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")  # WHATWG: such a host is an IPv4 address in some old spelling
HOME = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")


def check_url(url: str, *, allow_http: bool, allow_nets: Sequence[Network] = ()) -> httpx.URL:
    """Parse a URL that a client wants called, such as a webhook's.

    Addresses are judged for literals alone: a name's addresses are judged when it is called, by the guard.
    Names that mean something only at home (`localhost`, one label, `.internal`) pass where `allow_nets` are.

    Raises UrlRefused with the first reason found.
    """
    if len(url) > MAX_URL:
        raise UrlRefused("too_long")
    parsed = _parsed(url)
    if parsed.scheme not in ({"http", "https"} if allow_http else {"https"}):
        raise UrlRefused("scheme")
    if parsed.userinfo:
        raise UrlRefused("userinfo")
    _check_host(parsed.raw_host.decode("ascii"), allow_nets)
    if parsed.port is not None and not 0 < parsed.port < 65536:
        raise UrlRefused("port")
    return parsed


def readable(url: str, base: httpx.URL | None = None) -> httpx.URL:
    """Parse a URL, its host included, which httpx decodes only when asked. Raises ValueError."""
    try:
        parsed = base.join(url) if base else httpx.URL(url)
        _ = parsed.host
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from error
    return parsed


def _parsed(url: str) -> httpx.URL:
    if any(ord(character) <= 0x20 or character == "\\" for character in url):
        raise UrlRefused("unparsable")
    try:
        return readable(url)
    except ValueError as error:
        raise UrlRefused("unparsable") from error


def _check_host(host: str, allow_nets: Sequence[Network]) -> None:
    literal = parse(host)
    if literal is not None:
        if not may_reach(literal, allow_nets):
            raise UrlRefused("address")
        return
    name = host.removesuffix(".")
    if NAME.fullmatch(name) is None or NUMERIC_END.fullmatch(name):
        raise UrlRefused("host")
    if not allow_nets and ("." not in name or name.endswith(HOME)):
        raise UrlRefused("host")
