"""An upload, for its owner."""

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
