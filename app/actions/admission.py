"""Admission: may this caller buy this now? Checked inside the transaction that admits, exact over all processes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any, TypeVar

from app.actions.disk_space import Space
from app.actions.list_models import ModelList
from app.db import alerts, balances
from app.db.balances import Standing
from app.db.engine import Database, Transaction
from app.db.group_commit import GroupCommit
from app.domain.budgets import Balance, BudgetPolicy, Limit, limits_of
from app.domain.caller import Caller
from app.domain.errors import BudgetExceeded
from app.domain.moderation import Moderators
from app.domain.ports import Providers
from app.domain.prediction import Prediction
from app.storage.inputs import Examiner

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Admission:
    """What every create needs. `max_unfinished` is for keys without a bound of their own; 0 is none. `spent` are the
    balances of which this process has lately seen too little left; `crowds` are the callers' creates under way."""

    database: Database
    providers: Providers
    models: ModelList
    space: Space
    budgets: BudgetPolicy = field(default_factory=BudgetPolicy)
    max_unfinished: int = 0
    moderators: Moderators = ()
    examiner: Examiner = field(default_factory=Examiner)
    spent: set[Balance] = field(default_factory=set)
    crowds: dict[Caller, GroupCommit[Any, Prediction]] = field(default_factory=dict)


class BalancesMissing(Exception):
    """A budget looks at balances that nobody has opened yet."""

    def __init__(self, names: list[Balance]) -> None:
        super().__init__(", ".join(f"{name.account} {name.period}" for name in names))
        self.names = names


@dataclass(frozen=True, slots=True)
class Draw:
    """What bounds this caller at this moment."""

    limits: tuple[Limit, ...]
    now: datetime
    spent: set[Balance]

    @classmethod
    def of(cls, policy: BudgetPolicy, caller: Caller, now: datetime, spent: set[Balance]) -> "Draw":
        return cls(tuple(limits_of(caller, policy, policy.day_of(now))), now, spent)

    async def refuse_hopeless(self, tx: Transaction, amount: Decimal) -> None:
        """Before anything is written, of budgets that refused lately: what does not fit now need not be tried, so that
        those who ask on and on at a spent budget cost a read. Raises BudgetExceeded."""
        suspects = [limit for limit in self.limits if limit.balance in self.spent]
        if not suspects:
            return
        standings = await balances.read(tx, [limit.balance for limit in suspects])
        for limit in suspects:
            if limit.balance in standings and standings[limit.balance].spent + amount > limit.most:
                raise _exceeded(limit, self.now)
        self.spent.difference_update(limit.balance for limit in suspects)

    async def check(self, tx: Transaction, standings: Mapping[Balance, Standing]) -> None:
        """With the holds posted, which locked the balances: they must fit, or all of it is undone.

        Raises BudgetExceeded or BalancesMissing.
        """
        missing = [limit.balance for limit in self.limits if limit.balance not in standings]
        if missing:
            raise BalancesMissing(missing)
        for limit in self.limits:
            if standings[limit.balance].spent > limit.most:
                self.spent.add(limit.balance)
                raise _exceeded(limit, self.now)
        used = {limit.balance: _percent(standings[limit.balance], limit.most) for limit in self.limits}
        await alerts.note(tx, used)


async def admitted(database: Database, attempt: Callable[[], Awaitable[Made]]) -> Made:
    """`attempt` once more where it found balances missing; a budget that is used up is noted."""
    try:
        return await attempt()
    except BalancesMissing as trouble:
        async with database.transaction() as tx:
            await balances.open_missing(tx, trouble.names)
    return await attempt()


def _exceeded(limit: Limit, now: datetime) -> BudgetExceeded:
    if limit.resets_at is None:
        return BudgetExceeded(f"{limit.what} does not cover this. It never begins anew; a new key or a raise would.")
    seconds = ceil((limit.resets_at - now).total_seconds())
    return BudgetExceeded(
        f"{limit.what} does not cover this. It begins anew at {limit.resets_at.isoformat()}.", retry_after=seconds
    )


def _percent(standing: Standing, most: Decimal) -> int:
    return 100 if most == 0 else int(100 * standing.spent / most)
