"""All stored files, in the order of their keys."""

from sqlalchemy import func, select

from app.db.engine import Transaction
from app.db.predictions import file_of
from app.db.tables import files
from app.domain.prediction import FileState, StoredFile

STORED = files.c.state == FileState.STORED.value


async def stored_after(tx: Transaction, key: str, limit: int) -> list[StoredFile]:
    """The next ones, those in quarantine too."""
    query = select(files).where(STORED, files.c.key > key).order_by(files.c.key).limit(limit)
    found = [file_of(row).stored for row in (await tx.execute(query)).mappings()]
    return [file for file in found if file is not None]


async def stored_in_all(tx: Transaction) -> tuple[int, int]:
    """How many, and their bytes together."""
    query = select(func.count(), func.coalesce(func.sum(files.c.bytes), 0)).where(STORED)
    count, size = (await tx.execute(query)).one()
    return int(count), int(size)
