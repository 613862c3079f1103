"""Predictions and their files: loading, adding, saving what an event changed. `lookups` has the other reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    RowMapping,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.sql.dml import ReturningUpdate

from app.db import endpoints, jobs, journal, ledger, life_tallies, notices, tallies
from app.db.balances import Standing
from app.db.engine import Transaction, note_change, notes_of
from app.db.own_files import with_files
from app.db.prediction_rows import columns_of, file_columns_of, file_of, prediction_of
from app.db.tables import deliveries, files, predictions
from app.db.writes import Writes, later, written
from app.domain.budgets import Balance
from app.domain.notices import event_of
from app.domain.prediction import File, Prediction
from app.watch import tracing


class LeaseLost(Exception):
    """Somebody else holds this work now; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Reported:
    """`is_preceded`: a delivery about it that came earlier still waits to be applied."""

    prediction: Prediction
    is_preceded: bool


async def time(tx: Transaction) -> datetime:
    """The transaction's time, by the database's clock; who has locked a row knows it already."""
    if (notes := notes_of(tx)) and notes.now:
        return notes.now
    return (await tx.execute(_NOW)).scalar_one()  # type: ignore[no-any-return]


_NOW = text("SELECT now()")


async def add(tx: Transaction, *new: Prediction) -> dict[Balance, Standing]:
    """All of one caller. Their holds come last, since they lock his balances, which are returned."""
    trace = tracing.traceparent()
    written = Writes(ledger=list(ledger.holds(new)))
    for each in new:
        told = {"provider": each.provider, "model": each.model, "traceparent": trace}
        written.events.append(journal.row(each.id, "created", **told))
        written.tallies.append(tallies.row(life_tallies.of_new(each)))
    await written.flush(tx, [columns_of(each) for each in new])
    due = [(each.id, each.work) for each in new if each.work and each.work.due_at <= each.updated_at]
    if due:
        await jobs.enqueue(tx, due, now=new[0].updated_at)
    return await ledger.hold(tx, new)


async def load(tx: Transaction, prediction_id: UUID, *, owner: str | None = None) -> Prediction | None:
    """`owner` hides everybody else's. One statement, so that row and files are of one moment."""
    await written(tx)
    query = _ROW_AND_FILES if owner is None else _OWNED_ROW_AND_FILES
    row = (await tx.execute(query, {"wanted": prediction_id, "whose": owner})).mappings().one_or_none()
    return None if row is None else prediction_of(row, tuple(map(file_of, row["own_files"] or ())))


_OWN_FILES = (
    select(func.jsonb_agg(aggregate_order_by(func.to_jsonb(literal_column("files.*")), files.c.position)))
    .where(files.c.prediction_id == predictions.c.id)
    .scalar_subquery()
)
_ROW_AND_FILES = select(predictions, _OWN_FILES.label("own_files")).where(predictions.c.id == bindparam("wanted"))
_OWNED_ROW_AND_FILES = _ROW_AND_FILES.where(predictions.c.owner == bindparam("whose"))


async def lock(tx: Transaction, prediction_id: UUID, *, token: UUID | None = None) -> Prediction | None:
    """Locked until the transaction ends; with `token`, only while that attempt holds the work."""
    row = await _lock(tx, _BY_ID if token is None else _HELD, {"wanted": prediction_id, "holder": token})
    return None if row is None else await with_files(tx, row)


async def lock_reported(
    tx: Transaction, provider: str, provider_id: str, callback_token: str | None = None, *, delivery: UUID | None = None
) -> Reported | None:
    """The row that a report is about: by the provider's id, or by our token while it has no such id yet. `delivery` is
    what reports it."""
    asked = {"named": provider, "known_as": provider_id, "token": callback_token, "delivery": delivery}
    row = await _lock(tx, _REPORTED, asked)
    return None if row is None else Reported(await with_files(tx, row), bool(row["is_preceded"]))


_ROW_AND_TIME = select(predictions, func.now().label("now")).with_for_update(of=predictions)
_BY_ID = _ROW_AND_TIME.where(predictions.c.id == bindparam("wanted"))
_HELD = _BY_ID.where(predictions.c.attempt_token == bindparam("holder"))
_EARLIER, _OURS = deliveries.alias("earlier"), deliveries.alias("ours")
_CAME_AT = select(_OURS.c.received_at).where(_OURS.c.id == bindparam("delivery", type_=Uuid)).scalar_subquery()
_IS_PRECEDED = (
    select(func.bool_or(_EARLIER.c.received_at < _CAME_AT))  # as a condition it would invite the index of all by time
    .where(
        _EARLIER.c.provider == predictions.c.provider,
        _EARLIER.c.provider_id == predictions.c.provider_id,
        _EARLIER.c.applied_at.is_(None),
        _EARLIER.c.trouble.is_(None),
    )
    .correlate(predictions)
    .scalar_subquery()
)
_REPORTED = (
    _ROW_AND_TIME.add_columns(_IS_PRECEDED.label("is_preceded"))
    .where(
        predictions.c.provider == bindparam("named"),
        or_(
            predictions.c.provider_id == bindparam("known_as"),
            and_(predictions.c.callback_token == bindparam("token"), predictions.c.provider_id.is_(None)),
        ),
    )
    .order_by(predictions.c.provider_id.nulls_last())
    .limit(1)
)


async def save(tx: Transaction, before: Prediction, after: Prediction, *, token: UUID | None = None) -> None:
    """Write what changed, with a grown version, and owe what follows from it.

    With `token` it is one conditional statement, which raises LeaseLost if that attempt no longer holds the work.
    """
    if after is before:
        return
    saved = await _update(tx, before, after, token)
    if saved is None:
        raise LeaseLost(str(before.id))
    note_change(tx, before.id)
    await _owe(tx, before, after, sequence=saved.version, is_followed=saved.is_followed)
    await _tell(tx, before, after)


async def _update(tx: Transaction, before: Prediction, after: Prediction, token: UUID | None) -> Row[Any] | None:
    old, new = columns_of(before), columns_of(after)
    changed: dict[str, Any] = {name: value for name, value in new.items() if value != old[name] and name != "version"}
    if after.work != before.work:
        changed["attempt_token"] = None
    statement = _updating(frozenset(changed), is_held=token is not None)
    given: dict[str, Any] = {f"new_{name}": value for name, value in changed.items()}
    held_by = {} if token is None else {"holder": token}
    given |= {"wanted": before.id, "whose": after.owner} | held_by
    saved: Row[Any] | None = (await tx.execute(statement, given)).one_or_none()
    return saved


@lru_cache(maxsize=256)
def _updating(names: frozenset[str], *, is_held: bool) -> ReturningUpdate[Any]:
    """Composed once for each set of columns: a life changes the same ones again and again."""
    condition = [predictions.c.id == bindparam("wanted")]
    if is_held:
        condition.append(predictions.c.attempt_token == bindparam("holder"))
    values = {name: bindparam(f"new_{name}", type_=predictions.c[name].type) for name in sorted(names)}
    statement = update(predictions).where(*condition).values(version=predictions.c.version + 1, **values)
    is_followed = endpoints.are_there(bindparam("whose", type_=Text))
    return statement.returning(predictions.c.version, is_followed.label("is_followed"))


async def _owe(tx: Transaction, before: Prediction, after: Prediction, *, sequence: int, is_followed: bool) -> None:
    """What follows: work, and the word to whoever wants to be told."""
    if after.work != before.work:
        await _follow_up(tx, after)
    event = event_of(before, after)
    if event is not None:
        await notices.owe(tx, after, event, after.updated_at, sequence=sequence, is_followed=is_followed)


async def _tell(tx: Transaction, before: Prediction, after: Prediction) -> None:
    """The files, the journal, the counters and the ledger. Who waits is told by the row itself."""
    counted = await life_tallies.of_change(tx, before, after)
    left = later(tx)
    left.files |= {(after.id, file.position): file_columns_of(after.id, file) for file in _changed_files(before, after)}
    if (before.stage, before.status, before.provider_id) != (after.stage, after.status, after.provider_id):
        left.events.append(_changed(before, after))
    left.tallies.extend(map(tallies.row, counted))
    ledger.post(left, before, after)


def _changed_files(before: Prediction, after: Prediction) -> list[File]:
    return [file for file in after.files if file not in before.files]


def _changed(before: Prediction, after: Prediction) -> dict[str, Any]:
    return journal.row(
        after.id,
        "changed",
        status=after.status,
        stage=after.stage,
        provider_id=after.provider_id if before.provider_id is None else None,
        error=after.failure and after.failure.code.value,
    )


async def _follow_up(tx: Transaction, prediction: Prediction) -> None:
    """Work due now becomes a job in the same transaction; work due later is found by the sweep."""
    if prediction.work is not None and prediction.work.due_at <= prediction.updated_at:
        await jobs.enqueue(tx, [(prediction.id, prediction.work)], now=prediction.updated_at)


async def _lock(tx: Transaction, query: Select[Any], given: Mapping[str, Any]) -> RowMapping | None:
    await written(tx)
    row: RowMapping | None = (await tx.execute(query, given)).mappings().one_or_none()
    if row is not None and (notes := notes_of(tx)):
        notes.now = row["now"]
    return row
