"""Runs migrations over the address that `darkroom migrate` and the checks hand in as the config's attribute."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text

from app.db.engine import Address, Database
from app.db.tables import metadata

ONE_AT_A_TIME = 0x6461726B  # an advisory lock: two releases that start together migrate after each other


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=False,
        include_name=lambda name, kind, _: kind != "schema" or name is None,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        context.run_migrations()


async def main(url: str) -> None:
    Address.parse(url)
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
    finally:
        await database.close()


asyncio.run(main(context.config.attributes["url"]))
