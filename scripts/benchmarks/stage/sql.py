"""One statement on a connection of its own."""

import asyncio
from typing import Any

import asyncpg

SECONDS = 900.0


def ask(database: str, query: str, *values: Any, **settings: str) -> list[asyncpg.Record]:
    """What it answers, under these settings of the server. Blocks, and runs an event loop of its own."""
    return asyncio.run(_fetch(database, query, values, settings))


async def _fetch(database: str, query: str, values: tuple[Any, ...], settings: dict[str, str]) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database, command_timeout=SECONDS, server_settings=settings)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(query, *values)
        return rows
    finally:
        await connection.close()
