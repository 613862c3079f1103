"""A cap on the predictions that a key may have unfinished at once, exact however many creates run side by side."""

from sqlalchemy import Select, func, literal_column, select

from app.db.engine import Transaction
from app.db.tables import predictions
from app.domain.caller import Caller
from app.domain.errors import TooManyUnfinished

ASK_AGAIN_SECONDS = 5
UNFINISHED = literal_column("predictions.status").in_([literal_column("'starting'"), literal_column("'processing'")])
"""Word for word the partial index's own condition, since a plan with parameters could not use it."""


async def admit(tx: Transaction, caller: Caller, *, default: int, count: int = 1) -> None:
    """Call it in the transaction that then adds `count` predictions of this caller, before it adds them.

    The key's own cap holds, else `default`; 0 is no cap. Where no key was used, the owner's keyless ones are counted.
    Under a cap the caller's creates go one after the other until this transaction ends. Raises TooManyUnfinished.
    """
    cap = default if caller.max_unfinished is None else caller.max_unfinished
    if cap == 0:
        return
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_lock_name(caller), 0))))
    unfinished = (await tx.execute(counted(caller))).scalar_one()
    if unfinished + count > cap:
        raise TooManyUnfinished(
            f"{unfinished} predictions are unfinished, of at most {cap} at once; {count} more would be too many.",
            retry_after=ASK_AGAIN_SECONDS if count <= cap else None,
        )


def counted(caller: Caller) -> Select[int]:
    mine = (predictions.c.owner == caller.owner, predictions.c.key_id == caller.key_id)
    return select(func.count()).select_from(predictions).where(*mine, UNFINISHED)


def _lock_name(caller: Caller) -> str:
    return f"unfinished/{caller.key_id or caller.owner}"
