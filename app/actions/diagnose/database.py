"""The database: there, new enough, migrated, and of our time."""

from datetime import UTC, datetime, timedelta

from app.actions.diagnose.finding import Finding, bad, ok
from app.db import migrations, vitals
from app.db.engine import Database
from app.domain.errors import TemporarilyUnavailable

OLDEST = 15
CLOCKS_APART = timedelta(seconds=10)
"""Leases are as short as seconds, and signatures of Standard Webhooks are good for minutes."""
DATABASE, MIGRATIONS, CLOCK = "database", "migrations", "clock, database"
NOTIFICATIONS = "notifications"
_WRONG = {
    "28P01": ("refuses the password", "Correct the password in DATABASE_URL"),
    "28000": ("refuses the user", "Correct the user in DATABASE_URL, or the server's pg_hba.conf"),
    "3D000": ("has no database of this name", "Create it, or correct the name in DATABASE_URL"),
    "53300": ("has no connection left", "Raise its max_connections, or lower DATABASE_POOL_SIZE"),
}
"""By SQLSTATE, where it says more than that the database is away."""


async def check_database(database: Database) -> Finding:
    try:
        async with database.transaction() as tx:
            version = await vitals.version(tx)
    except TemporarilyUnavailable as trouble:
        return _away(trouble.__cause__)
    except Exception as error:
        return _away(error)
    if version < OLDEST:
        return bad(DATABASE, f"is Postgres {version}", f"Use Postgres {OLDEST} or newer")
    return ok(DATABASE, f"Postgres {version}")


async def check_migrations(database: Database) -> Finding:
    async with database.transaction() as tx:
        current = await migrations.current(tx)
    if current == migrations.head():
        return ok(MIGRATIONS, "at head")
    return bad(MIGRATIONS, "behind" if current else "none yet", "Run `darkroom migrate`")


async def check_clock(database: Database) -> Finding:
    async with database.transaction() as tx:
        before = datetime.now(UTC)
        there = await vitals.clock(tx)
        return apart(CLOCK, there, before, datetime.now(UTC))


async def check_notifications(database: Database) -> Finding:
    if database.direct is None:
        return ok(
            NOTIFICATIONS, "none through a pooler without DATABASE_DIRECT_URL: changes are looked for every second"
        )
    cure = "Set DATABASE_DIRECT_URL to the same database's own address, without a pooler"
    try:
        heard = await vitals.hears(database, database.direct)
    except Exception as error:
        return bad(NOTIFICATIONS, f"the direct address does not answer ({vitals.name_of(error)})", cure)
    return ok(NOTIFICATIONS, "heard") if heard else bad(NOTIFICATIONS, "not heard at the direct address", cure)


def apart(name: str, there: datetime, before: datetime, after: datetime) -> Finding:
    """Their time, asked for between two of ours."""
    ahead = there - after if there > after else min(there - before, timedelta())
    seconds = ahead.total_seconds()
    if abs(ahead) > CLOCKS_APART:
        way = "behind" if seconds > 0 else "ahead"
        return bad(name, f"this machine's clock is {abs(seconds):.0f} s {way}", "Let NTP set the clocks of both")
    return ok(name, f"within {CLOCKS_APART.total_seconds():g} s of ours")


def _away(error: BaseException | None) -> Finding:
    state = vitals.state_of(error)
    if state in _WRONG:
        said, cure = _WRONG[state]
        return bad(DATABASE, said, cure)
    cure = "Start it (`./scripts/up` brings one), or correct DATABASE_URL"
    return bad(DATABASE, f"cannot be reached ({vitals.name_of(error)})", cure)
