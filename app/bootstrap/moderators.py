"""Who looks at inputs before they are paid for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.domain.moderation import Moderators
from app.moderation import DenyList, Endpoint
from app.moderation.entries import listed
from app.settings import Settings

TIMEOUT_SECONDS = 15.0


@asynccontextmanager
async def open_moderators(settings: Settings) -> AsyncIterator[Moderators]:
    """The lists first, which cost nothing; the endpoint sees only what they let pass."""
    if settings.moderation == "off":
        yield ()
        return
    lists = DenyList(listed(settings.moderation_deny_file))
    if settings.moderation == "deny-list":
        yield (lists,)
        return
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as http:
        yield (lists, _endpoint(settings, http))


def _endpoint(settings: Settings, http: httpx.AsyncClient) -> Endpoint:
    return Endpoint(
        http,
        settings.moderation_url,
        key=settings.moderation_api_key.get_secret_value(),
        model=settings.moderation_model,
        allow_on_trouble=settings.moderation_on_trouble == "allow",
    )
