"""Who could deliver to us, as far as we can sign like them: fal's deliveries nobody but fal can sign."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.domain import standard_webhooks
from app.domain.signatures import hmac_sha256_hex


@dataclass(frozen=True, slots=True)
class Sender:
    """`sign` takes a delivery's id and body, and yields the headers that prove it. `setting` has the secret."""

    provider: str
    path: str
    setting: str
    sign: Callable[[str, bytes], dict[str, str]] = field(repr=False)


def skytells(secret: str) -> Sender:
    def sign(_: str, body: bytes) -> dict[str, str]:
        return {"x-skytells-signature": hmac_sha256_hex(secret, body)}

    return Sender("skytells", "/api/webhooks", "SKYTELLS_WEBHOOK_SECRET", sign)


def replicate(secret: str, clock: Callable[[], datetime]) -> Sender:
    """Raises UnusableSecret."""
    key = standard_webhooks.key_of(secret)

    def sign(delivery_id: str, body: bytes) -> dict[str, str]:
        at = str(int(clock().timestamp()))
        signature = standard_webhooks.sign(key, delivery_id, at, body)
        return {"webhook-id": delivery_id, "webhook-timestamp": at, "webhook-signature": signature}

    return Sender("replicate", "/api/webhooks/replicate", "REPLICATE_WEBHOOK_SECRET", sign)
