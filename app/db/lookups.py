"""Reads that are about more than one row, or about files alone."""

import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from app.db.engine import Transaction
from app.db.own_files import files_of
from app.db.prediction_rows import file_of, prediction_of
from app.db.tables import files, predictions
from app.domain.prediction import FileState, Prediction, Status, StoredFile, Thumbnail

MOST_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class ListFilter:
    """`before` is the id below which the page starts, `skip` how many are passed over; times bound `created_at`, the
    lower one inclusive."""

    limit: int
    before: UUID | None = None
    skip: int = 0
    status: Status | None = None
    provider: str | None = None
    model: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


async def page(tx: Transaction, owner: str, wanted: ListFilter) -> list[Prediction]:
    """Newest first, at most `limit` of them."""
    query = select(predictions).where(*_conditions(owner, wanted)).order_by(predictions.c.id.desc())
    rows = (await tx.execute(query.offset(wanted.skip or None).limit(wanted.limit))).mappings().all()
    own_files = await files_of(tx, [row["id"] for row in rows])
    return [prediction_of(row, own_files.get(row["id"], ())) for row in rows]


async def count(tx: Transaction, owner: str, wanted: ListFilter) -> int:
    """How many there are on all pages."""
    query = select(func.count()).select_from(predictions).where(*_conditions(owner, wanted))
    return int((await tx.execute(query)).scalar_one())


def _conditions(owner: str, wanted: ListFilter) -> list[ColumnElement[bool]]:
    column = predictions.c
    bounds = (
        (column.id, operator.lt, wanted.before),
        (column.status, operator.eq, wanted.status),
        (column.provider, operator.eq, wanted.provider),
        (column.model, operator.eq, wanted.model),
        (column.created_at, operator.ge, wanted.created_after),
        (column.created_at, operator.lt, wanted.created_before),
    )
    return [column.owner == owner, *(compare(left, right) for left, compare, right in bounds if right is not None)]


async def maker(tx: Transaction, owner: str, sha256: str) -> Prediction | None:
    """Files have no index on their content, so that no more than the newest predictions are looked at."""
    newest = select(predictions.c.id).where(predictions.c.owner == owner).order_by(predictions.c.id.desc())
    named = select(files.c.prediction_id).where(
        files.c.prediction_id.in_(newest.limit(MOST_LOOKED_AT)), files.c.sha256 == sha256
    )
    query = select(predictions).where(predictions.c.id.in_(named)).order_by(predictions.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else prediction_of(row, ())


async def several(tx: Transaction, ids: Sequence[UUID], owners: Collection[str]) -> list[Prediction]:
    """Those of them that there are and that are one of these owners', oldest first."""
    query = select(predictions).where(predictions.c.id.in_(ids), predictions.c.owner.in_(owners))
    rows = (await tx.execute(query.order_by(predictions.c.id))).mappings().all()
    own_files = await files_of(tx, [row["id"] for row in rows])
    return [prediction_of(row, own_files.get(row["id"], ())) for row in rows]


async def claimed(tx: Transaction, provider: str, provider_ids: Sequence[str]) -> set[str]:
    """Those of the provider's ids that some row of ours has."""
    query = select(predictions.c.provider_id)
    query = query.where(predictions.c.provider == provider, predictions.c.provider_id.in_(provider_ids))
    return set((await tx.execute(query)).scalars())


async def searching(tx: Transaction, provider: str, model: str) -> int:
    """How many rows look for a create of theirs that may have been heard, or are at it right now."""
    query = select(func.count()).where(
        predictions.c.provider == provider,
        predictions.c.model == model,
        predictions.c.provider_id.is_(None),
        predictions.c.asked_at.is_not(None),
    )
    return int((await tx.execute(query)).scalar_one())


async def find_file(tx: Transaction, key: str) -> StoredFile | None:
    """Also for the key of a thumbnail. None for one in quarantine, and its thumbnail."""
    named = or_(files.c.key == key, files.c.thumb_key == key)
    query = select(files).where(named, files.c.state == FileState.STORED.value)
    row = (await tx.execute(query)).mappings().one_or_none()
    file = None if row is None else file_of(row).shown
    return file if file is None or file.key == key else _of_thumbnail(file.thumbnail)


def _of_thumbnail(small: Thumbnail | None) -> StoredFile | None:
    return None if small is None else StoredFile(small.key, small.content_type, small.bytes, small.sha256)
