"""Who reaches us, and under which name."""

import ipaddress
import re
from contextlib import suppress
from importlib.util import find_spec
from urllib.parse import SplitResult, urlsplit

from app.refusals.refusal import Check, Refusal
from app.settings import Settings

ORIGIN = re.compile(r"https?://([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?")
WIDEST = {4: 8, 6: 16}
"""Bits that a network of proxies must fix at least, by IP version; 10.0.0.0/8 is somebody's own, less is the world."""


def _app_url(settings: Settings) -> Refusal | None:
    parts = urlsplit(settings.app_url)
    if parts.username or parts.query or parts.fragment:
        return Refusal("APP_URL", "is more than an address", "Set it to https://your.host, without user, `?` and `#`")
    return None


def _public_url(settings: Settings) -> Refusal | None:
    if not settings.app_url:
        return Refusal("APP_URL", "missing, so providers cannot call back", "Set it to https://your.host")
    parts = urlsplit(settings.app_url)
    if parts.scheme != "https":
        return Refusal("APP_URL", "is not https", "Put TLS in front and set it to https://your.host")
    if _is_private(parts):
        return Refusal("APP_URL", "is no public address, so providers cannot call back", "Set it to https://your.host")
    return None


def _is_private(parts: SplitResult) -> bool:
    with suppress(ValueError):
        return not ipaddress.ip_address(parts.hostname or "").is_global
    return parts.hostname == "localhost" or str(parts.hostname).endswith(".localhost")


def _auth(settings: Settings) -> Refusal | None:
    if "auth_required" in settings.model_fields_set and not settings.auth_required:
        cure = "Remove it or set it to true"
        return Refusal("AUTH_REQUIRED", f"cannot be switched off in {settings.environment}", cure)
    return None


def _origins(settings: Settings) -> Refusal | None:
    for origin in settings.cors_origins:
        if origin != "*" and ORIGIN.fullmatch(origin) is None:
            cure = "Write each as https://host or https://host:port, without a path or a last slash"
            return Refusal("CORS_ORIGINS", f"has an entry that is no origin, {origin!r}", cure)
    return None


def _every_origin(settings: Settings) -> Refusal | None:
    if "*" in settings.cors_origins:
        return Refusal("CORS_ORIGINS", "allows every origin", "List your frontends' origins, comma-separated")
    return None


def _trusted_proxies(settings: Settings) -> Refusal | None:
    for network in settings.trusted_proxies:
        if network.prefixlen < WIDEST[network.version]:
            wrong = f"believes whoever connects ({network}), so that anybody can claim any address"
            return Refusal("TRUSTED_PROXIES", wrong, "List your own proxies' networks, such as 10.0.0.0/24")
    return None


def _redis(settings: Settings) -> Refusal | None:
    url = settings.redis_url.get_secret_value()
    if not url:
        return None
    if not _is_redis(url):
        return Refusal("REDIS_URL", "is no address of a Redis", "Write it as redis://:password@host:6379/0")
    if find_spec("redis") is None:
        cure = "Install it with `pip install 'redis>=5.2,<8'`, or remove the setting to count in Postgres"
        return Refusal("REDIS_URL", "needs the package redis, which is not installed", cure)
    return None


def _is_redis(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("redis", "rediss", "unix") and urlsplit(url).port != 0
    except ValueError:  # a port that is none, such as the rest of a password that has a slash
        return False


ALWAYS: tuple[Check, ...] = (_app_url, _origins, _redis)
STRICT: tuple[Check, ...] = (_public_url, _auth, _every_origin, _trusted_proxies)
