"""Which of an owner's predictions made a file, told by its content."""

from app.db import lookups
from app.db.engine import Database
from app.domain.prediction import Prediction


async def find_maker(database: Database, sha256: str, *, owner: str) -> Prediction | None:
    """Among his last thousand; the newest, if several did."""
    async with database.transaction() as tx:
        return await lookups.maker(tx, owner, sha256)
