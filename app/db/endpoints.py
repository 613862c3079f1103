"""Webhook endpoints: registered by owners, found by them alone, their secrets shown only where somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, any_, delete, func, insert, or_, select, update

from app.db.engine import Transaction
from app.db.tables import webhook_endpoints as endpoints
from app.domain.endpoints import MOST_ENDPOINTS, DisabledReason, Endpoint
from app.domain.errors import TooManyEndpoints

_SHOWN = (
    "id",
    "owner",
    "key_id",
    "url",
    "description",
    "created_at",
    "updated_at",
    "previous_until",
    "disabled_at",
    "failing_since",
)
UNBURDENED: dict[str, Any] = {
    "failing_since": None,
    "failing_days": 0,
    "failed_on": None,
    "warned_at": None,
    "strikes": 0,
    "paused_until": None,
}
"""Nothing is held against it."""
IS_BURDENED = func.coalesce(
    or_(endpoints.c.failing_since.is_not(None), endpoints.c.strikes > 0, endpoints.c.paused_until.is_not(None)), False
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """`previous` signs too until `previous_until`; None once that is over."""

    current: str = field(repr=False)
    previous: str | None = field(repr=False)
    previous_until: datetime | None


async def add(tx: Transaction, endpoint: Endpoint, secret: str) -> None:
    """One owner's are added one after the other, so that their number is exact. Raises TooManyEndpoints."""
    name = f"webhook_endpoints/{endpoint.owner}"
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    mine = select(func.count()).select_from(endpoints).where(endpoints.c.owner == endpoint.owner)
    if (await tx.execute(mine)).scalar_one() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"There are {MOST_ENDPOINTS} endpoints already; delete one.")
    given = {name: getattr(endpoint, name) for name in _SHOWN if name not in ("previous_until", "failing_since")}
    await tx.execute(insert(endpoints).values(**given, events=list(endpoint.events), secret=secret))


async def find(tx: Transaction, endpoint_id: UUID, *, owner: str | None = None) -> Endpoint | None:
    """`owner` hides everybody else's."""
    query = _query(owner).where(endpoints.c.id == endpoint_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else _endpoint(row)


async def listed(tx: Transaction, owner: str | None = None) -> list[Endpoint]:
    """Oldest first; without an owner everybody's."""
    rows = await tx.execute(_query(owner).order_by(endpoints.c.owner, endpoints.c.id))
    return [_endpoint(row) for row in rows.mappings()]


async def change(tx: Transaction, endpoint_id: UUID, changes: dict[str, Any]) -> None:
    """A new URL, and one that is enabled again, begins without a past."""
    named = update(endpoints).where(endpoints.c.id == endpoint_id)
    await tx.execute(named.values(**changes, updated_at=func.now()))


async def secrets(tx: Transaction, endpoint_id: UUID) -> Secrets:
    """It must be there."""
    is_open = endpoints.c.previous_until > func.now()
    columns = (endpoints.c.secret, endpoints.c.previous_secret, endpoints.c.previous_until, is_open.label("is_open"))
    row = (await tx.execute(select(*columns).where(endpoints.c.id == endpoint_id))).one()
    return Secrets(row.secret, *((row.previous_secret, row.previous_until) if row.is_open else (None, None)))


async def rotate(tx: Transaction, endpoint_id: UUID, secret: str, overlap: timedelta) -> None:
    """A secret from before the old one signs nothing from now on."""
    named = update(endpoints).where(endpoints.c.id == endpoint_id)
    await tx.execute(
        named.values(
            secret=secret,
            previous_secret=endpoints.c.secret,
            previous_until=func.now() + overlap,
            updated_at=func.now(),
        )
    )


async def remove(tx: Transaction, endpoint_id: UUID) -> None:
    await tx.execute(delete(endpoints).where(endpoints.c.id == endpoint_id))


def are_there(owner: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether this owner has any that is enabled; for a statement that runs anyway."""
    return select(endpoints.c.id).where(endpoints.c.owner == owner, endpoints.c.disabled_at.is_(None)).exists()


async def following(tx: Transaction, owner: str, event_type: str) -> Sequence[UUID]:
    """Enabled ones that want such events. They stay until this transaction ends; one that is being deleted is passed
    by."""
    wanted = or_(func.cardinality(endpoints.c.events) == 0, any_(endpoints.c.events) == event_type)
    query = select(endpoints.c.id).where(endpoints.c.owner == owner, endpoints.c.disabled_at.is_(None), wanted)
    found = await tx.execute(
        query.order_by(endpoints.c.id).with_for_update(read=True, key_share=True, skip_locked=True)
    )
    return found.scalars().all()


def _query(owner: str | None) -> Select[Any]:
    query = select(*(endpoints.c[name] for name in _SHOWN), endpoints.c.events, endpoints.c.disabled_reason)
    return query if owner is None else query.where(endpoints.c.owner == owner)


def _endpoint(row: RowMapping) -> Endpoint:
    reason = row["disabled_reason"]
    return Endpoint(
        **{name: row[name] for name in _SHOWN},
        events=tuple(row["events"]),
        disabled_reason=reason and DisabledReason(reason),
    )
