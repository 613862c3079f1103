"""All stored files and their thumbnails, in the order of their keys."""

from sqlalchemy import Integer, cast, func, literal, null, select, union_all

from app.db.engine import Transaction
from app.db.tables import files
from app.domain.prediction import FileState, StoredFile, Thumbnail

STORED = files.c.state == FileState.STORED.value


async def stored_after(tx: Transaction, key: str, limit: int) -> list[StoredFile]:
    """The next ones, those in quarantine too."""
    own = select(*_FACTS).where(STORED, files.c.key > key).order_by(files.c.key).limit(limit)
    small = select(*_THUMBNAIL).where(STORED, files.c.thumb_key > key).order_by(files.c.thumb_key).limit(limit)
    both = union_all(own.subquery().select(), small.subquery().select()).subquery()
    query = select(both).order_by(both.c.key).limit(limit)
    return [StoredFile(**row) for row in (await tx.execute(query)).mappings()]


_FACTS = (files.c.key, files.c.content_type, files.c.bytes, files.c.sha256, files.c.width, files.c.height)
_THUMBNAIL = (
    files.c.thumb_key.label("key"),
    literal(Thumbnail.content_type).label("content_type"),
    files.c.thumb_bytes.label("bytes"),
    files.c.thumb_sha256.label("sha256"),
    cast(null(), Integer).label("width"),
    cast(null(), Integer).label("height"),
)


async def stored_in_all(tx: Transaction) -> tuple[int, int]:
    """How many, and their bytes together."""
    counted = func.count(files.c.key) + func.count(files.c.thumb_key)
    size = func.coalesce(func.sum(files.c.bytes + func.coalesce(files.c.thumb_bytes, 0)), 0)
    count, together = (await tx.execute(select(counted, size).where(STORED))).one()
    return int(count), int(together)
