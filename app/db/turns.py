"""Turns at a provider that limits us: how many creates go to it, over all processes, and in which order.

A send counts from the moment it is let through until a whole window after its answer. Whenever the provider counts it,
that is in between, so no window of the provider's ever sees more than are let through here, however long any of them
is under way. One whose answer nobody notes, or is long in coming, is taken to have arrived within ARRIVES_WITHIN.

The line is the oldest first: the rows that owe a submission to that provider and are due, or wait. One is let through
if more turns are free than older ones stand before it. The others sleep until `call` wakes those whose turn it is, so
that a long line costs each of its members two wake-ups, not one for every time that something moves.
"""

from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from app.db import jobs
from app.db.engine import Transaction
from app.db.owed import Claim
from app.db.tables import provider_sends as sends
from app.domain.work import Terms, Work, WorkKind

ARRIVES_WITHIN = timedelta(seconds=10)
"""More than connecting may take (a quarter of the thirty seconds that a create may), after which nothing was sent."""
LOCKS = 0x7475726E
"""The space of our advisory locks, so that no other of this database meets them."""
AT_A_TIME = timedelta(milliseconds=50)
"""Between two that come back after a pause of a provider whose limits nobody told us."""
OVERSLEEPING, LONGEST_SLEEP = timedelta(seconds=15), timedelta(minutes=5)
"""Whom nobody calls wakes up by itself: so long after its turn, if all before it goes well."""


@dataclass(frozen=True, slots=True)
class _Line:
    """`free` turns, None without bound, and how many stand before."""

    free: int | None
    ahead: int


async def take(tx: Transaction, claim: Claim, terms: Terms) -> timedelta | None:
    """None if it may be sent now, which then counts; else for how long to sleep. Nobody else of that provider is let
    through until the transaction ends; where there are no limits, nothing is asked."""
    if not terms.is_limited:
        return await _after_pause(tx, claim) if claim.limited_for else None
    provider = claim.prediction.provider
    await tx.execute(select(func.pg_advisory_xact_lock(LOCKS, func.hashtext(provider))))
    row = (await tx.execute(_LINE, _given(provider, terms) | {"id": claim.prediction.id})).one()
    line = _Line(row.free, row.ahead)
    if claim.limited_for is None and (line.free is None or line.ahead < line.free):
        await _let_through(tx, claim, terms)
        return None
    return (claim.limited_for or timedelta()) + _sleep(line.ahead, terms)


async def answered(tx: Transaction, token: UUID, terms: Terms) -> None:
    """Surely arrived by now."""
    if terms.creates is None:
        return
    until = func.least(sends.c.counts_until, func.clock_timestamp() + timedelta(seconds=terms.creates.seconds))
    await tx.execute(update(sends).where(sends.c.token == token).values(counts_until=until))


async def call(tx: Transaction, provider: str, terms: Terms) -> int:
    """Wake those whose turn it is. Returns how many slept. Asks for no lock: `take` decides."""
    rows = (await tx.execute(_CALL, _given(provider, terms))).all()
    called = [(row.id, Work(WorkKind.SUBMIT, row.due_at, row.deadline_at, row.attempts)) for row in rows]
    if called:
        await jobs.enqueue(tx, sorted(called, key=itemgetter(0)), now=rows[0].due_at)
    return len(called)


async def _let_through(tx: Transaction, claim: Claim, terms: Terms) -> None:
    if terms.creates is None:
        return
    until = func.clock_timestamp() + timedelta(seconds=terms.creates.seconds) + ARRIVES_WITHIN
    row = {"token": claim.token, "provider": claim.prediction.provider, "counts_until": until}
    await tx.execute(insert(sends).values(row))


async def _after_pause(tx: Transaction, claim: Claim) -> timedelta:
    """One after the other, in the order of the line, since the first of them may be limited again."""
    ahead: int = (
        await tx.execute(_AHEAD, {"provider": claim.prediction.provider, "id": claim.prediction.id})
    ).scalar_one()
    return (claim.limited_for or timedelta()) + ahead * AT_A_TIME


def _sleep(ahead: int, terms: Terms) -> timedelta:
    by_rate, by_room = timedelta(), timedelta()
    if terms.creates is not None and terms.creates.requests:
        by_rate = timedelta(seconds=terms.creates.seconds) * (1 + ahead // terms.creates.requests)
    if terms.at_once:
        by_room = terms.usual_time * (1 + ahead // terms.at_once)
    return min(max(by_rate, by_room) + OVERSLEEPING, LONGEST_SLEEP)


def _given(provider: str, terms: Terms) -> dict[str, Any]:
    return {
        "provider": provider,
        "requests": terms.creates and terms.creates.requests,
        "at_once": terms.at_once,
    }


_IN_LINE = (
    "provider = :provider AND work = 'submit' AND asked_at IS NULL AND (waits_since IS NOT NULL OR due_at <= now())"
)
_COUNT_AHEAD = f"SELECT count(*) FROM predictions WHERE {_IN_LINE} AND id < CAST(:id AS uuid)"  # noqa: S608
_FREE = """LEAST(
    CAST(:requests AS integer) - (
        SELECT count(*) FROM provider_sends WHERE provider = :provider AND counts_until > clock_timestamp()
    ),
    CAST(:at_once AS integer) - (
        SELECT count(*) FROM predictions WHERE CAST(:at_once AS integer) IS NOT NULL AND provider = :provider
        AND (work IN ('reconcile', 'cancel') OR (work = 'submit' AND asked_at IS NOT NULL))
    )
)"""
_AHEAD = text(_COUNT_AHEAD)
_LINE = text(
    f"""
    WITH over AS (DELETE FROM provider_sends WHERE provider = :provider AND counts_until <= clock_timestamp())
    SELECT {_FREE} AS free, ({_COUNT_AHEAD}) AS ahead
    """  # noqa: S608
)
_CALL = text(
    f"""
    WITH head AS (SELECT id FROM predictions WHERE {_IN_LINE} ORDER BY id LIMIT GREATEST({_FREE}, 0))
    UPDATE predictions SET due_at = now() FROM head
    WHERE predictions.id = head.id AND waits_since IS NOT NULL AND due_at > now() AND NOT EXISTS (
        SELECT FROM provider_pauses WHERE provider_pauses.provider = :provider AND limited_until > now()
    )
    RETURNING predictions.id, due_at, deadline_at, attempts
    """  # noqa: S608
)
