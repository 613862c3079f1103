"""Notices: what clients are told of a prediction, how it is signed, and when the next attempt is due.

A create's own webhook knows two events, `start` and `completed`; endpoints know the types. Signed by Standard Webhooks
(`domain.standard_webhooks`), and as a face's own clients expect it beside that.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.prediction import Prediction, Stage, Status
from app.domain.standard_webhooks import key_of, sign

START, COMPLETED = "start", "completed"
STARTED = "prediction.started"
SUCCEEDED, FAILED, CANCELED = (
    f"prediction.{status.value}" for status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)
)
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


def type_of(event: str, status: Status) -> str:
    """The event's type, for a prediction that has come to `status`."""
    return STARTED if event == START else f"prediction.{status.value}"


def webhook_id(notice_id: UUID) -> str:
    """The same for every attempt, so that a receiver can tell a repeat."""
    return f"msg_{notice_id.hex}"


def pause_after(attempts: int, jitter: float) -> timedelta | None:
    """The pause after that many failed attempts; None when it is time to give up. `jitter` is from 0 to 1."""
    if attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1] * (1 + jitter / 5)


def signed_headers(
    notice_id: UUID, body: bytes, secret: str, now: datetime, *, also: Sequence[str] = ()
) -> dict[str, str]:
    """Secrets are `whsec_` and base64, as the receiver has them; `also` are those that a rotation has not ended yet."""
    own, timestamp = webhook_id(notice_id), str(int(now.timestamp()))
    return {
        "content-type": "application/json",
        "webhook-id": own,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(sign(key_of(each), own, timestamp, body) for each in (secret, *also)),
    }


def face_headers(face: str | None, body: bytes, secret: str) -> dict[str, str]:
    """The key is the secret's text as it stands, prefix and all: those clients know no other reading of it."""
    name = RAW_SIGNATURES.get(face)
    return {} if name is None else {name: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
