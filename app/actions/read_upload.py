"""Uploads, for their owner."""

from datetime import datetime

from app.db import uploads
from app.db.engine import Database
from app.domain.errors import FileNotFound
from app.domain.upload import Upload


async def read_upload(database: Database, upload_id: str, *, owner: str) -> Upload:
    """Raises FileNotFound."""
    async with database.transaction() as tx:
        found = (await uploads.load(tx, owner, [upload_id])).get(upload_id)
    if found is None:
        raise FileNotFound("There is no such file.")
    return found


async def list_uploads(
    database: Database, *, owner: str, limit: int, before: tuple[datetime, str] | None = None
) -> list[Upload]:
    """Newest first, below this time and id; one more than `limit` where there are more."""
    async with database.transaction() as tx:
        return await uploads.page(tx, owner, limit + 1, before)
