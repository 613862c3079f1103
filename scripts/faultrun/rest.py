"""What has to come to rest before anything is counted, by SQL that may be refused."""

from contextlib import suppress
from typing import Any

import asyncpg

from scripts.faultrun.house import House

UNFINISHED = "SELECT count(*) FROM predictions WHERE status NOT IN ('succeeded', 'failed', 'canceled')"
NAMED = "SELECT unnest(ARRAY[key, to_jsonb(files)->>'thumb_key']) FROM files"
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def is_final(house: House) -> bool:
    """Every prediction is; False where nobody can say."""
    rows = await _asked(house, UNFINISHED)
    return rows is not None and rows[0][0] == 0


async def has_orphans(house: House) -> bool:
    """Whether some stored file is in no row; True where nobody can say."""
    rows = await _asked(house, NAMED)
    named = None if rows is None else {row[0] for row in rows}
    return named is None or any(file.name not in named for file in house.blobs.glob("??/*"))


async def _asked(house: House, query: str) -> list[Any] | None:
    with suppress(*AWAY):
        connection = await house.database.connect()
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close(timeout=2)
    return None
