"""What judges the inputs."""

from urllib.parse import urlsplit

from app.moderation import DenyList, DenyListError
from app.moderation.entries import listed
from app.refusals.refusal import Check, Refusal
from app.settings import Settings


def _deny_file(settings: Settings) -> Refusal | None:
    if settings.moderation == "off" or settings.moderation_deny_file is None:
        return None
    try:
        DenyList(listed(settings.moderation_deny_file))
    except DenyListError as error:
        return Refusal("MODERATION_DENY_FILE", f"cannot be used: {error}", "Its form is app/moderation/deny.toml")
    return None


def _url(settings: Settings) -> Refusal | None:
    if settings.moderation == "endpoint" and not settings.moderation_url:
        cure = "Set it to the endpoint's whole address, or MODERATION to deny-list"
        return Refusal("MODERATION_URL", "missing, though MODERATION is endpoint", cure)
    return None


def _key(settings: Settings) -> Refusal | None:
    if settings.moderation == "endpoint" and not settings.moderation_api_key.get_secret_value():
        cure = "Set it to the endpoint's key, or MODERATION to deny-list"
        return Refusal("MODERATION_API_KEY", "missing, though MODERATION is endpoint", cure)
    return None


def _secure_url(settings: Settings) -> Refusal | None:
    if settings.moderation == "endpoint" and urlsplit(settings.moderation_url).scheme != "https":
        return Refusal("MODERATION_URL", "would send prompts and the key without TLS", "Write it with https://")
    return None


ALWAYS: tuple[Check, ...] = (_deny_file, _url, _key)
STRICT: tuple[Check, ...] = (_secure_url,)
