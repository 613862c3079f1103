"""HMAC-SHA256 over the raw body, as Skytells signs its deliveries (`X-Skytells-Signature`).

The value is bare hex (its TypeScript SDK) or `sha256=` and hex (its course); both are understood. Several keys may be
given, newest first, so that a secret can be rotated without losing a delivery.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

_VALUE = re.compile(r"(?:sha256=)?([0-9a-fA-F]{64})")


def hmac_sha256_hex(key: str, body: bytes) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, signature: str | None, keys: Iterable[str]) -> bool:
    """Whether any key made the signature. Constant time for each key; every key is tried."""
    match = _VALUE.fullmatch(signature or "")
    if match is None:
        return False
    given = match.group(1).lower()
    matches = [hmac.compare_digest(hmac_sha256_hex(key, body), given) for key in keys if key]
    return any(matches)
