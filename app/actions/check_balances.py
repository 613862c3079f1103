"""Balances: what ended is folded in, and all of them recomputed from the ledger must agree to the last digit."""

from app.db import balances
from app.db.engine import Database


async def check_balances(database: Database) -> list[str]:
    """A sentence for each that does not. Nobody writes into the ledger meanwhile."""
    async with database.transaction() as tx:
        wrong = await balances.wrong(tx)
    return [
        f"{name.account} {name.period} stands at {standing.held} held and {standing.captured} captured; "
        f"the ledger says {true.held} and {true.captured}"
        for name, (standing, true) in wrong.items()
    ]


async def fold_balances(database: Database) -> int:
    """An admission folds what it needs; this is for balances that nobody draws on any more."""
    async with database.transaction() as tx:
        return await balances.fold_all(tx)
