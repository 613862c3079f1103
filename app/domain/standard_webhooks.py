"""Standard Webhooks 1.0.0, symmetric: signing what we send, and verifying what was sent to us.

A signature is `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; a header may carry several, with a space
between them, while a secret is rotated. A secret is written as `whsec_` and base64. The time is handed in.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How far a delivery's timestamp may lie from our clock, either way; what the scheme's own libraries take."""
PREFIX = "whsec_"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class UnusableSecret(ValueError):
    """The secret is not `whsec_` and base64 of at least one byte. The text never shows it."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The key within a secret, with or without its prefix and padding. Raises UnusableSecret."""
    text = secret.strip().removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableSecret("a webhook secret must be whsec_ and base64") from error
    if not key:
        raise UnusableSecret("a webhook secret must not be empty")
    return key


def sign(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    """One entry of `webhook-signature`."""
    content = b".".join((webhook_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def is_signed(headers: Mapping[str, str], body: bytes, keys: Iterable[bytes], now: datetime) -> bool:
    """Whether any key made any of the signatures, lately. Constant time for each; every pair is compared.

    `headers` have lower-case names, or do not care.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _is_id(webhook_id) or not _is_recent(timestamp, now):
        return False
    given = [entry.encode(errors="replace") for entry in headers.get("webhook-signature", "").split(" ")]
    expected = [sign(key, webhook_id, timestamp, body).encode() for key in keys]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    return any(matches)


def _is_id(text: str) -> bool:
    """A dot parts what is signed, so an id with one could take its place from the timestamp or the body."""
    return text.isascii() and text.isprintable() and text != "" and "." not in text


def _is_recent(timestamp: str, now: datetime) -> bool:
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return False
    return abs(int(timestamp) - now.timestamp()) <= TOLERANCE.total_seconds()
