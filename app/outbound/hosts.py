"""A provider's allow-list: the hosts from which its outputs may be fetched."""

import re
from dataclasses import dataclass

import httpx

RULE = re.compile(
    r"((?P<scheme>https?)://)?(?P<wild>\*\.)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:(?P<port>\d{1,5}|\*))?/?"
)
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class HostRule:
    """One host, or with `wild` all names below it but not itself. `port` None means any."""

    host: str
    wild: bool
    scheme: str
    port: int | None

    def allows(self, url: httpx.URL) -> bool:
        """Compare scheme, port and the ASCII form of the host."""
        host = url.raw_host.decode("ascii")
        named = host.endswith("." + self.host) if self.wild else host == self.host
        port = url.port or PORTS.get(url.scheme)
        return named and url.scheme == self.scheme and self.port in (None, port)


@dataclass(frozen=True)
class HostRules:
    """The hosts of one provider. Without rules nothing is allowed."""

    rules: tuple[HostRule, ...]

    @classmethod
    def of(cls, *patterns: str) -> "HostRules":
        """Read patterns: `cdn.example.com`, `*.r2.dev`, `https://cdn.example.com:8443`, `http://127.0.0.1:*`.

        A pattern means https on port 443 unless it says otherwise; plain http is never implied.

        Raises ValueError for anything else, also for a star above a whole top-level domain.
        """
        return cls(tuple(_rule(pattern) for pattern in patterns))

    def allow(self, url: httpx.URL) -> bool:
        """True if any rule does and the URL carries no credentials."""
        return not url.userinfo and any(rule.allows(url) for rule in self.rules)


@dataclass(frozen=True)
class AnyHttpsHost(HostRules):
    """For addresses that clients name; the guard still keeps us from what is not public."""

    rules: tuple[HostRule, ...] = ()

    def allow(self, url: httpx.URL) -> bool:
        return not url.userinfo and url.scheme == "https"


ANY_HTTPS_HOST = AnyHttpsHost()


def _rule(pattern: str) -> HostRule:
    found = RULE.fullmatch(pattern.strip().lower())
    if found is None or (found["wild"] and "." not in found["host"]):
        raise ValueError(f"not a host rule: {pattern!r}")
    scheme = found["scheme"] or "https"
    port = None if found["port"] == "*" else int(found["port"] or PORTS[scheme])
    return HostRule(found["host"].strip("[]"), bool(found["wild"]), scheme, port)
