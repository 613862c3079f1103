"""Who signed a delivery: Ed25519 over the request's id, the user's, the time and the SHA-256 of the raw body."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CLOCKS_APART_SECONDS = 300
REQUEST_ID = "x-fal-webhook-request-id"
USER_ID = "x-fal-webhook-user-id"
TIMESTAMP = "x-fal-webhook-timestamp"
SIGNATURE = "x-fal-webhook-signature"
_WORD = re.compile(r"[!-~]{1,200}")
_TIME = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-fA-F]{128}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a delivery claims of itself. `timestamp` is Unix seconds."""

    user_id: str
    timestamp: int
    message: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def may_be_ours(self, now: float, user_ids: Collection[str]) -> bool:
        """Of this hour, and of one of our accounts where these are known."""
        is_timely = abs(now - self.timestamp) <= CLOCKS_APART_SECONDS
        return is_timely and (not user_ids or self.user_id in user_ids)

    def is_by(self, keys: Iterable[Ed25519PublicKey]) -> bool:
        return any(_fits(key, self.signature, self.message) for key in keys)


def read_signed(headers: Mapping[str, str], body: bytes) -> Signed | None:
    """From headers with names in small letters; None if one is missing or malformed."""
    request_id, user_id, timestamp, signature = (
        headers.get(name, "") for name in (REQUEST_ID, USER_ID, TIMESTAMP, SIGNATURE)
    )
    if not (_WORD.fullmatch(request_id) and _WORD.fullmatch(user_id)):
        return None
    if not (_TIME.fullmatch(timestamp) and _HEX.fullmatch(signature)):
        return None
    message = "\n".join((request_id, user_id, timestamp, hashlib.sha256(body).hexdigest()))
    return Signed(user_id, int(timestamp), message.encode(), bytes.fromhex(signature))


def _fits(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
