"""Balances and budgets on the real database: exact under any crowd, and never apart from the ledger."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.actions.admission import Draw, admitted
from app.db import alerts, balances, ledger, predictions
from app.db.engine import Database
from app.domain.budgets import EVER, SERVICE, Balance, BudgetPolicy, limits_of
from app.domain.caller import Budgets, Caller
from app.domain.errors import BudgetExceeded
from app.domain.prediction import Prediction, Stage, Status
from tests.db.rows import load, new_row

PRICE, NOTHING = Decimal("0.03"), Decimal(0)
KEY = UUID(int=5)
DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANN = Caller("ann", KEY, budgets=Budgets(daily=PRICE * 10, monthly=PRICE * 100, total=PRICE * 100))
CAPPED = BudgetPolicy(daily=PRICE * 10)


async def buy(database: Database, caller: Caller, policy: BudgetPolicy, count: int = 1) -> Sequence[Prediction]:
    """Admitted together or not at all."""
    spent: set[Balance] = set()

    async def attempt() -> Sequence[Prediction]:
        async with database.transaction() as tx:
            now = await predictions.time(tx)
            made = [
                replace(new_row(now, owner=caller.owner), key_id=caller.key_id, price=PRICE, held=PRICE, budget_day=DAY)
                for _ in range(count)
            ]
            draw = Draw.of(policy, caller, NOON, spent)
            await draw.refuse_hopeless(tx, PRICE * count)
            await draw.check(tx, await predictions.add(tx, *made))
        return made

    return await admitted(database, attempt)


async def end(database: Database, prediction: Prediction, captured: Decimal | None) -> None:
    async with database.transaction() as tx:
        before = await predictions.lock(tx, prediction.id)
        assert before is not None
        status = Status.SUCCEEDED if captured is not None else Status.CANCELED
        ended = replace(before, status=status, stage=Stage.DONE, held=Decimal(0), captured=captured, billed=captured)
        await predictions.save(tx, before, replace(ended, work=None))


async def standing(database: Database, account: str, period: str) -> tuple[Decimal, Decimal]:
    async with database.transaction() as tx:
        assert await balances.wrong(tx) == {}
        found = (await balances.read(tx, [Balance(account, period)]))[Balance(account, period)]
    return found.held, found.captured


async def try_all(database: Database, caller: Caller, policy: BudgetPolicy, count: int) -> int:
    """How many of them were admitted."""
    tries = await asyncio.gather(*(buy(database, caller, policy) for _ in range(count)), return_exceptions=True)
    assert {type(each) for each in tries} <= {list, BudgetExceeded}
    return sum(not isinstance(each, BaseException) for each in tries)


@pytest.mark.parametrize("caller", [Caller("ann"), ANN, replace(ANN, budgets=Budgets(total=PRICE * 10))])
async def test_of_a_crowd_just_as_many_are_admitted_as_the_budget_covers(database: Database, caller: Caller) -> None:
    policy = CAPPED if caller.key_id is None else BudgetPolicy()
    assert await try_all(database, caller, policy, 40) == 10
    account, period = (SERVICE, "2026-11-21") if caller.key_id is None else (f"key:{KEY}", EVER)
    assert await standing(database, account, period) == (PRICE * 10, NOTHING)


async def test_what_is_released_can_be_spent_again_and_what_is_captured_cannot(database: Database) -> None:
    made = [*(await buy(database, ANN, CAPPED, 10))]
    await end(database, made[0], None)
    await end(database, made[1], Decimal("0.01"))
    assert await try_all(database, ANN, CAPPED, 5) == 1
    assert await standing(database, SERVICE, "2026-11-21") == (PRICE * 9, Decimal("0.01"))


async def test_a_batch_is_admitted_whole_or_not_at_all(database: Database) -> None:
    await buy(database, ANN, CAPPED, 8)
    with pytest.raises(BudgetExceeded) as refused:
        await buy(database, ANN, CAPPED, 3)
    assert refused.value.retry_after is not None
    await buy(database, ANN, CAPPED, 2)
    assert await standing(database, f"key:{KEY}", "2026-11") == (PRICE * 10, NOTHING)


async def test_a_budget_set_in_the_middle_of_the_day_counts_the_whole_day(database: Database) -> None:
    made = await buy(database, Caller("ann"), BudgetPolicy(), 7)
    await end(database, made[0], PRICE)
    assert await try_all(database, Caller("bob"), CAPPED, 5) == 3
    assert await standing(database, SERVICE, "2026-11-21") == (PRICE * 9, PRICE)


async def test_a_crowd_that_opens_and_ends_while_a_budget_is_opened_is_counted_once(database: Database) -> None:
    """The row is opened while others, who have no such budget, write into the ledger."""
    early = await buy(database, Caller("bob"), BudgetPolicy(), 5)
    await asyncio.gather(
        *(end(database, each, PRICE) for each in early),
        *(buy(database, Caller("bob"), BudgetPolicy()) for _ in range(10)),
        *(buy(database, Caller("ann"), BudgetPolicy(daily=Decimal(10))) for _ in range(10)),
    )
    assert await standing(database, SERVICE, "2026-11-21") == (PRICE * 20, PRICE * 5)


async def test_a_budget_of_zero_buys_nothing(database: Database) -> None:
    assert await try_all(database, Caller("ann"), BudgetPolicy(daily=Decimal(0)), 3) == 0


async def test_two_keys_never_draw_on_each_other(database: Database) -> None:
    other = replace(ANN, key_id=UUID(int=6))
    assert await try_all(database, ANN, BudgetPolicy(), 12) == 10
    assert await try_all(database, other, BudgetPolicy(), 12) == 10


async def test_a_refused_create_leaves_nothing(database: Database) -> None:
    for _ in range(2):  # the first opens the balances
        with pytest.raises(BudgetExceeded):
            await buy(database, ANN, CAPPED, 11)
    assert await standing(database, SERVICE, "2026-11-21") == (NOTHING, NOTHING)


async def test_an_alert_is_raised_once_for_each_step(database: Database) -> None:
    for _ in range(10):
        await buy(database, Caller("ann"), CAPPED)
    async with database.transaction() as tx:
        raised = await alerts.untold(tx)
        assert [alert.percent for alert in raised] == [50, 80, 100]
        await alerts.mark_told(tx, raised[0])
        assert [alert.percent for alert in await alerts.untold(tx)] == [80, 100]


async def test_the_ledger_tells_a_prediction_s_money_in_order(database: Database) -> None:
    [made] = await buy(database, ANN, CAPPED)
    await end(database, made, Decimal("0.05"))
    async with database.transaction() as tx:
        posted = [(each.kind, each.held, each.captured, each.note) for each in await ledger.of_prediction(tx, made.id)]
    assert posted == [("hold", PRICE, 0, None), ("capture", -PRICE, Decimal("0.05"), "over the hold")]
    assert (await load(database, made)).captured == Decimal("0.05")


def test_days_and_months_begin_at_the_midnight_of_the_time_zone() -> None:
    policy = BudgetPolicy(daily=PRICE, timezone=ZoneInfo("America/New_York"))
    night = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    assert policy.day_of(night) == date(2026, 10, 31)
    assert policy.day_of(night + timedelta(hours=1)) == date(2026, 11, 1)
    resets = {limit.balance.period: limit.resets_at for limit in limits_of(ANN, policy, date(2026, 10, 31))}
    assert resets["2026-10-31"] == resets["2026-10"] == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert resets[EVER] is None
    longest_day = limits_of(Caller("ann"), policy, date(2026, 11, 1))[0]  # the clock goes back an hour
    assert longest_day.resets_at == datetime(2026, 11, 2, 5, tzinfo=UTC)
