"""Delete an upload: its row now, its blob as soon as the store lets us."""

from app.actions.delete_prediction import remove_doomed
from app.db import uploads
from app.db.engine import Database
from app.domain.errors import FileInUse, FileNotFound
from app.storage.port import BlobStore


async def delete_upload(database: Database, blobs: BlobStore, upload_id: str, *, owner: str) -> None:
    """Raises FileNotFound, or FileInUse while an unfinished prediction needs it."""
    async with database.transaction() as tx:
        if not await uploads.lock(tx, owner, upload_id):
            raise FileNotFound("There is no such file.")
        if await uploads.is_needed(tx, upload_id):
            raise FileInUse("A prediction that is not finished needs it; wait, or cancel that first.")
        keys = await uploads.bury(tx, [upload_id])
    await remove_doomed(database, blobs, keys)
