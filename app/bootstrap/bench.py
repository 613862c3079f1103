"""The inspector's bench, by the settings."""

from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from app.actions.diagnose import senders
from app.actions.diagnose.rejected import KnownSecrets
from app.actions.diagnose.senders import Sender
from app.domain.standard_webhooks import UnusableSecret
from app.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings
from app.web.bench import Bench, kept_in_memory


def open_bench(settings: Settings) -> Bench:
    in_development = settings.environment == "development"
    return Bench(
        door_url=settings.public_url,
        senders=senders_of(settings),
        known=known_secrets(settings),
        rejected=kept_in_memory() if in_development else None,
        emulator_url=emulator_url(settings) if in_development else None,
    )


def senders_of(settings: Settings) -> dict[str, Sender]:
    """As whom we can sign, by provider."""
    found: dict[str, Sender] = {}
    for secret in settings.skytells_webhook_secrets[:1]:
        found["skytells"] = senders.skytells(secret)
    for secret in settings.replicate_webhook_secrets[:1]:
        with suppress(UnusableSecret):
            found["replicate"] = senders.replicate(secret, lambda: datetime.now(UTC))
    return found


def known_secrets(settings: Settings) -> KnownSecrets:
    accepted = settings.skytells_webhook_secrets
    others = {
        "SKYTELLS_API_KEY": settings.skytells_api_key.get_secret_value(),
        "the development constant": DEVELOPMENT_WEBHOOK_SECRET,
    }
    return KnownSecrets(
        accepted={f"webhook secret {number}": secret for number, secret in enumerate(accepted, 1)},
        others={place: secret for place, secret in others.items() if secret and secret not in accepted},
        replicate=settings.replicate_webhook_secrets,
    )


def emulator_url(settings: Settings) -> str | None:
    """Its origin, if Skytells' address is on this machine."""
    if not settings.skytells_is_emulated:
        return None
    parts = urlsplit(settings.skytells_base_url)
    return f"{parts.scheme}://{parts.netloc}"
