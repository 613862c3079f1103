"""The stored file that a key opens. The key is the capability: whoever knows its 160 random bits may read."""

from app.db import lookups, uploads
from app.db.engine import Database
from app.domain.errors import FileNotFound
from app.domain.prediction import StoredFile


async def find_file(database: Database, key: str) -> StoredFile:
    """Raises FileNotFound."""
    async with database.transaction() as tx:
        found = await lookups.find_file(tx, key) or await uploads.find_file(tx, key)
    if found is None:
        raise FileNotFound("There is no such file.")
    return found
