"""All stored files, outputs, their thumbnails and uploads, in the order of their keys."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, cast, func, literal_column, null, select, union_all

from app.db.engine import Transaction
from app.db.tables import files, uploads
from app.domain.prediction import FileState, StoredFile, Thumbnail

STORED = files.c.state == literal_column(f"'{FileState.STORED.value}'")
WEBP: ColumnElement[str] = literal_column(f"'{Thumbnail.content_type}'")
UNTOLD = cast(null(), Integer)


async def stored_after(tx: Transaction, key: str, limit: int) -> list[StoredFile]:
    """The next ones, those in quarantine too."""
    parts = [query.where(own > key).order_by(own).limit(limit).subquery().select() for own, query in _kinds()]
    every = union_all(*parts).subquery()
    found = await tx.execute(select(every).order_by(every.c.key).limit(limit))
    return [StoredFile(**row) for row in found.mappings()]


async def stored_in_all(tx: Transaction) -> tuple[int, int]:
    """How many, and their bytes together."""
    every = union_all(*(query for _, query in _kinds())).subquery()
    count, size = (await tx.execute(select(func.count(), func.coalesce(func.sum(every.c.bytes), 0)))).one()
    return int(count), int(size)


def _kinds() -> list[tuple[ColumnElement[str], Select[Any]]]:
    """The key of each kind, and the facts of all of it."""
    own, given = files.c, uploads.c
    thumbnail = (own.thumb_key, WEBP, own.thumb_bytes, own.thumb_sha256, UNTOLD, UNTOLD)
    output = (own.key, own.content_type, own.bytes, own.sha256, own.width, own.height)
    upload = (given.key, given.content_type, given.bytes, given.sha256, given.width, given.height)
    return [
        (own.key, select(*_named(*output)).where(STORED)),
        (own.thumb_key, select(*_named(*thumbnail)).where(STORED, own.thumb_key.is_not(None))),
        (given.key, select(*_named(*upload))),
    ]


def _named(*facts: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    names = ("key", "content_type", "bytes", "sha256", "width", "height")
    return [fact.label(name) for fact, name in zip(facts, names, strict=True)]
