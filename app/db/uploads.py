"""Files that clients sent, and those that are no longer needed.

A create renews the rows of its uploads, and so locks them, in the transaction that adds it; whoever removes one locks
it first. So an upload that was found at a create is there until that prediction is final.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, any_, delete, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.db.engine import Transaction
from app.db.tables import doomed_blobs, predictions, uploads
from app.db.unfinished import UNFINISHED
from app.domain.prediction import StoredFile
from app.domain.upload import Upload

_STORED = ("key", "content_type", "bytes", "sha256", "width", "height")


async def add(
    tx: Transaction,
    upload_id: str,
    owner: str,
    stored: StoredFile,
    *,
    name: str = "",
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> Upload:
    facts = {fact: getattr(stored, fact) for fact in _STORED} | {"name": name, "metadata": dict(metadata)}
    statement = insert(uploads).values(id=upload_id, owner=owner, **facts).returning(uploads)
    return _upload((await tx.execute(statement)).mappings().one())


async def load(tx: Transaction, owner: str, ids: Iterable[str]) -> dict[str, Upload]:
    """Those that there are, and that are the owner's."""
    query = select(uploads).where(uploads.c.owner == owner, uploads.c.id.in_(list(ids)))
    return {row["id"]: _upload(row) for row in (await tx.execute(query)).mappings()}


async def page(tx: Transaction, owner: str, limit: int, before: tuple[datetime, str] | None = None) -> list[Upload]:
    """Newest first, those below this time and id."""
    place = tuple_(uploads.c.created_at, uploads.c.id)
    query = select(uploads).where(uploads.c.owner == owner)
    if before is not None:
        query = query.where(place < tuple_(*before))
    query = query.order_by(uploads.c.created_at.desc(), uploads.c.id.desc()).limit(limit)
    return [_upload(row) for row in (await tx.execute(query)).mappings()]


async def renew(tx: Transaction, owner: str, ids: Iterable[str]) -> set[str]:
    """Locked in the order of their ids until the transaction ends. Returns those that there are."""
    mine = select(uploads.c.id).where(uploads.c.owner == owner, uploads.c.id.in_(list(ids)))
    there = set((await tx.execute(mine.order_by(uploads.c.id).with_for_update())).scalars())
    if there:
        await tx.execute(update(uploads).where(uploads.c.id.in_(there)).values(last_used_at=func.now()))
    return there


async def lock(tx: Transaction, owner: str, upload_id: str) -> bool:
    """Whether there is one."""
    query = select(uploads.c.id).where(uploads.c.owner == owner, uploads.c.id == upload_id).with_for_update()
    return (await tx.execute(query)).first() is not None


async def is_needed(tx: Transaction, upload_id: str) -> bool:
    """By an unfinished prediction. The upload must be locked, by a statement before this one."""
    query = select(uploads.c.id).where(uploads.c.id == upload_id, _needed())
    return (await tx.execute(query)).first() is not None


async def unneeded(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Not used since, by no unfinished prediction. Locked; what others hold is passed by."""
    query = select(uploads.c.id).where(uploads.c.last_used_at < before, ~_needed())
    query = query.order_by(uploads.c.last_used_at).limit(limit).with_for_update(of=uploads, skip_locked=True)
    return list((await tx.execute(query)).scalars())


async def bury(tx: Transaction, ids: Iterable[str]) -> list[str]:
    """The keys of their blobs, to be removed once this has committed."""
    gone = delete(uploads).where(uploads.c.id.in_(list(ids))).returning(uploads.c.key)
    keys = list((await tx.execute(gone)).scalars())
    if keys:
        await tx.execute(upsert(doomed_blobs).values([{"key": key} for key in keys]).on_conflict_do_nothing())
    return keys


async def find_file(tx: Transaction, key: str) -> StoredFile | None:
    row = (await tx.execute(select(uploads).where(uploads.c.key == key))).mappings().one_or_none()
    return None if row is None else _upload(row).stored


def _needed() -> ColumnElement[bool]:
    same_owner = predictions.c.owner == uploads.c.owner
    naming = select(predictions.c.id).where(same_owner, UNFINISHED, uploads.c.id == any_(predictions.c.uploads))
    return naming.correlate(uploads).exists()


def _upload(row: RowMapping) -> Upload:
    stored = StoredFile(**{name: row[name] for name in _STORED})
    own = {name: row[name] for name in ("created_at", "last_used_at", "name", "metadata")}
    return Upload(row["id"], row["owner"], stored, **own)
