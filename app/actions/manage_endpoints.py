"""Webhook endpoints: registered, changed, given a new secret, deleted."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.actions.judge_endpoints import disable_endpoint
from app.db import endpoints, predictions, retention
from app.db.endpoints import Secrets
from app.db.engine import Database, Transaction
from app.domain.caller import Caller
from app.domain.endpoints import SECRET_OVERLAP, DisabledReason, Endpoint
from app.domain.errors import EndpointNotFound
from app.domain.ids import uuid7
from app.domain.standard_webhooks import new_secret

REMOVED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a change names; None leaves it as it is."""

    url: str | None = field(default=None, repr=False)
    events: tuple[str, ...] | None = None
    description: str | None = None
    enabled: bool | None = None


async def create_endpoint(
    database: Database, caller: Caller, *, url: str, events: tuple[str, ...] = (), description: str = ""
) -> tuple[Endpoint, str]:
    """The endpoint and its secret. Raises TooManyEndpoints."""
    secret = new_secret()
    async with database.transaction() as tx:
        now = await predictions.time(tx)
        made = Endpoint(uuid7(now), caller.owner, caller.key_id, url, events, description, now, now)
        await endpoints.add(tx, made, secret)
    return made, secret


async def list_endpoints(database: Database, *, owner: str | None) -> list[Endpoint]:
    """`owner` None is for those who run the service."""
    async with database.transaction() as tx:
        return await endpoints.listed(tx, owner)


async def read_endpoint(database: Database, endpoint_id: UUID, *, owner: str | None) -> Endpoint:
    """Raises EndpointNotFound."""
    async with database.transaction() as tx:
        return await found(tx, endpoint_id, owner=owner)


async def read_endpoint_secrets(database: Database, endpoint_id: UUID, *, owner: str | None) -> Secrets:
    """Raises EndpointNotFound."""
    async with database.transaction() as tx:
        await found(tx, endpoint_id, owner=owner)
        return await endpoints.secrets(tx, endpoint_id)


async def change_endpoint(database: Database, endpoint_id: UUID, wish: Wish, *, owner: str | None) -> Endpoint:
    """Raises EndpointNotFound. Nothing is sent anew to one that is enabled again."""
    async with database.transaction() as tx:
        before = await found(tx, endpoint_id, owner=owner)
        changes = _changes(before, wish)
        if changes:
            await endpoints.change(tx, endpoint_id, changes)
    if wish.enabled is False:
        await disable_endpoint(database, endpoint_id, DisabledReason.OWNER)
    return await read_endpoint(database, endpoint_id, owner=owner)


def _changes(before: Endpoint, wish: Wish) -> dict[str, Any]:
    named: dict[str, Any] = {"url": wish.url, "description": wish.description}
    changes = {name: value for name, value in named.items() if value is not None}
    if wish.events is not None:
        changes["events"] = list(wish.events)
    if wish.enabled and before.disabled_at is not None:
        changes |= {"disabled_at": None, "disabled_reason": None, **endpoints.UNBURDENED}
    if wish.url not in (None, before.url):
        changes |= endpoints.UNBURDENED
    return changes


async def rotate_endpoint_secret(
    database: Database, endpoint_id: UUID, *, owner: str | None, overlap: timedelta = SECRET_OVERLAP
) -> Secrets:
    """Until `overlap` is over both secrets sign. Raises EndpointNotFound."""
    async with database.transaction() as tx:
        await found(tx, endpoint_id, owner=owner)
        await endpoints.rotate(tx, endpoint_id, new_secret(), overlap)
        return await endpoints.secrets(tx, endpoint_id)


async def delete_endpoint(database: Database, endpoint_id: UUID, *, owner: str | None) -> None:
    """With whatever it was owed, in short transactions. Raises EndpointNotFound."""
    async with database.transaction() as tx:
        await found(tx, endpoint_id, owner=owner)
    await disable_endpoint(database, endpoint_id, DisabledReason.OWNER)
    removed = REMOVED_AT_ONCE
    while removed == REMOVED_AT_ONCE:
        async with database.transaction() as tx:
            removed = await retention.forget_notices_of(tx, endpoint_id, REMOVED_AT_ONCE)
    async with database.transaction() as tx:
        await endpoints.remove(tx, endpoint_id)


async def found(tx: Transaction, endpoint_id: UUID, *, owner: str | None) -> Endpoint:
    """Raises EndpointNotFound."""
    endpoint = await endpoints.find(tx, endpoint_id, owner=owner)
    if endpoint is None:
        raise EndpointNotFound("There is no such endpoint.")
    return endpoint
