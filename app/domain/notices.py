"""A client's own webhook: which events it gets, how they are signed, and when the next attempt is due.

Signed by Standard Webhooks (`domain.standard_webhooks`), and as a face's own clients expect it beside that.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.prediction import Prediction, Stage
from app.domain.standard_webhooks import key_of, sign

START, COMPLETED = "start", "completed"
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""About 24 hours in all; each is lengthened by up to a fifth, so that many do not come back at once."""

RAW_SIGNATURES: Mapping[str | None, str] = {"skytells": "x-skytells-signature"}
"""Where the clients of a face look for HMAC-SHA256 over the raw body alone, in hex."""


def event_of(before: Prediction, after: Prediction) -> str | None:
    """`start` when it is first seen running, `completed` when it becomes final."""
    if after.status.is_final and not before.status.is_final:
        return COMPLETED
    started = before.stage.rank < Stage.RUNNING.rank <= after.stage.rank
    return START if started else None


def pause_after(attempts: int, jitter: float) -> timedelta | None:
    """The pause after that many failed attempts; None when it is time to give up. `jitter` is from 0 to 1."""
    if attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1] * (1 + jitter / 5)


def signed_headers(notice_id: UUID, body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """`secret` is `whsec_` and base64, as the receiver has it."""
    webhook_id, timestamp = f"msg_{notice_id.hex}", str(int(now.timestamp()))
    return {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(key_of(secret), webhook_id, timestamp, body),
    }


def face_headers(face: str | None, body: bytes, secret: str) -> dict[str, str]:
    """The key is the secret's text as it stands, prefix and all: those clients know no other reading of it."""
    name = RAW_SIGNATURES.get(face)
    return {} if name is None else {name: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
