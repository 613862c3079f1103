"""What the server says of itself."""

import asyncio
from datetime import datetime

from sqlalchemy import func, select, text

from app.db.address import Address
from app.db.engine import Database, Transaction

PROBE = "darkroom_doctor"
HEARD_WITHIN = 3.0


async def version(tx: Transaction) -> int:
    """The major one."""
    number = (await tx.execute(text("SHOW server_version_num"))).scalar_one()
    return int(number) // 10_000


async def clock(tx: Transaction) -> datetime:
    """Right now, not when the transaction began."""
    now: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return now


def state_of(error: BaseException | None) -> str | None:
    """The SQLSTATE somewhere within an error, if it has one."""
    while error is not None:
        state = getattr(error, "sqlstate", None)
        if state is not None:
            return str(state)
        error = getattr(error, "orig", None) or error.__cause__
    return None


def name_of(error: BaseException | None) -> str:
    """The innermost kind of an error; its text may hold the address."""
    name = "no reason told"
    while error is not None:
        name = type(error).__name__
        error = getattr(error, "orig", None) or error.__cause__
    return name


async def hears(database: Database, address: Address) -> bool:
    """Whether a connection to `address` hears of what the pool's transactions tell. Raises what asyncpg raises."""
    connection, heard = await address.connect(), asyncio.Event()
    try:
        await connection.add_listener(PROBE, lambda *_: heard.set())
        async with database.transaction() as tx:
            await tx.execute(select(func.pg_notify(PROBE, "")))
        async with asyncio.timeout(HEARD_WITHIN):
            await heard.wait()
    except TimeoutError:
        return False
    finally:
        connection.terminate()
    return True
