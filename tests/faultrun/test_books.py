"""What is read of the product's books, what keys are made with, and how clients take a refusal."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from scripts.faultrun import keys
from scripts.faultrun.budgets import PRICE, Budget, dry_budgets
from scripts.faultrun.client import Client
from scripts.faultrun.gather import LEDGER, ROWS
from scripts.faultrun.history import Story
from scripts.faultrun.journals import APPLIED, NOTED
from scripts.faultrun.order import Phases
from scripts.faultrun.plants import Plants
from scripts.faultrun.purses import HAS_MONEY, standings

OWNERS = ("ann", "ben", "cat", "dan")
DAY, OTHER_DAY = "2026-11-21", "2026-12-01"
ENTER = """INSERT INTO ledger (day, prediction_id, owner, key_id, provider, model, kind, held, captured, note)
    VALUES ($1::text::date, $2, 'ann', $3, 'skytells', 'm', $4, $5, $6, $7)"""
OPEN = "INSERT INTO balances (account, period, held, captured) VALUES ($1, $2, $3, $4)"


async def enter(
    connection: asyncpg.Connection, day: str, key: UUID | None, usd: Sequence[str], note: str = "", kind: str = "hold"
) -> None:
    """`usd` is what is held and what is captured."""
    held, captured = map(Decimal, usd)
    await connection.execute(ENTER, day, uuid4(), key, kind, held, captured, note or None)


async def test_balances_are_read_beside_the_ledger_s_sums_of_their_account_and_period(database_url: str) -> None:
    key, connection = uuid4(), await asyncpg.connect(database_url)
    try:
        await enter(connection, DAY, key, ("0.03", "0"))
        await enter(connection, DAY, key, ("-0.03", "0.05"), "over the hold", "capture")
        await enter(connection, DAY, uuid4(), ("0.5", "0"))
        await enter(connection, OTHER_DAY, key, ("0", "1"), "late", "capture")
        for account, period in ((f"key:{key}", DAY), (f"key:{key}", "2026-11"), (f"key:{key}", "ever")):
            await connection.execute(OPEN, account, period, Decimal(0), Decimal("0.05"))
        await connection.execute(OPEN, "service", DAY, Decimal("0.5"), Decimal("0.05"))
        found = {(each.account[:3], each.period): each for each in await standings(connection)}
        assert await connection.fetchval(HAS_MONEY)
    finally:
        await connection.close()
    assert {name: str(each.overruns) for name, each in found.items()} == {
        ("key", DAY): "0.020000",
        ("key", "2026-11"): "0.020000",
        ("key", "ever"): "1.020000",
        ("ser", DAY): "0.020000",
    }
    assert {name for name, each in found.items() if not each.is_booked} == {("key", "ever")}
    assert found["key", "ever"].booked_captured == Decimal("1.05")


async def test_an_account_without_entries_stands_at_nothing(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(OPEN, f"key:{uuid4()}", "ever", Decimal(0), Decimal(0))
        (found,) = await standings(connection)
    finally:
        await connection.close()
    assert found.is_booked
    assert found.spent == found.overruns == 0


async def test_what_is_gathered_fits_the_tables(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for query, given in ((ROWS, ()), (LEDGER, ()), (NOTED, ([str(uuid4())],)), (APPLIED, ([str(uuid4())],))):
            assert await connection.fetch(query, *given) == []
    finally:
        await connection.close()


def test_three_budgets_run_dry_half_way_one_of_each_kind() -> None:
    budgets = dry_budgets(("ann", "ben", "cat", "dan", "eva", "fay", "gil", "hal"), Phases.of(2))
    assert [(owner, budget.kind) for owner, budget in budgets.items()] == [
        ("ann", "daily"),
        ("ben", "monthly"),
        ("cat", "total"),
    ]
    assert {budget.most for budget in budgets.values()} == {Decimal("1.24")}
    assert dry_budgets(OWNERS, Phases.of(0.2))["ann"].most > PRICE


def test_a_budget_bounds_the_balances_of_its_own_periods() -> None:
    periods = (DAY, "2026-11", "ever")
    kinds = ("daily", "monthly", "total")
    for kind, period in zip(kinds, periods, strict=True):
        budget = Budget(kind, PRICE)  # type: ignore[arg-type]
        assert [budget.bounds(each) for each in periods] == [each == period for each in periods]
        assert budget.period_of(DAY) == period


def test_keys_are_asked_for_with_their_budgets_and_read_in_order() -> None:
    wanted = json.loads(keys.making(OWNERS, {"ben": Budget("total", Decimal("0.09"))})[-1])
    assert [words[1] for words in wanted] == list(OWNERS)
    assert wanted[1][-2:] == ["--total-budget", "0.09"]
    said = '{"id": "1", "key": "dk_a"}\n{\n  "id": "2",\n  "key": "dk_b", "daily_budget": null\n}\n'
    assert keys.made(said) == [keys.Key("dk_a", "key:1"), keys.Key("dk_b", "key:2")]


def client(*answers: httpx.Response) -> Client:
    told = iter(answers)
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: next(told)))
    return Client(("http://one", "http://two"), "dk", "ann", Plants.fresh(1), http, random.Random(1))


def problem(code: str, status: int = 429) -> httpx.Response:
    kind = {"content-type": "application/problem+json", "retry-after": "0"}
    return httpx.Response(status, headers=kind, content=json.dumps({"code": code, "status": status}))


def story() -> Story:
    return Story(1, "ann", "order-1", "prompt", 1)


BODY: dict[str, Any] = {"model": "m", "input": {}}


async def test_a_client_without_money_asks_once_and_remembers_why() -> None:
    told, began = story(), time.time()
    assert not await client(problem("budget_exceeded")).create(told, BODY)
    assert (told.is_refused, told.tries, told.settled_at > 0) == (True, 1, True)
    assert began <= told.answers[0].asked_at <= told.answers[0].at


async def test_a_client_who_came_too_often_tries_again() -> None:
    told = story()
    created = httpx.Response(201, json={"id": "row-1", "status": "starting"})
    assert await client(problem("rate_limited"), created).create(told, BODY)
    assert (told.is_refused, told.ids) == (False, ["row-1"])


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"detail": 1}'])
async def test_an_answer_that_is_no_problem_has_no_code(content: bytes) -> None:
    told = story()
    odd = httpx.Response(422, headers={"content-type": "application/problem+json"}, content=content)
    assert not await client(odd).create(told, BODY)
    assert told.answers[0].code == ""


async def test_a_connection_that_breaks_within_the_http_library_is_no_answer() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")

    told = story()
    asking = replace(client(), http=httpx.AsyncClient(transport=httpx.MockTransport(broken)))
    view, _, pause = await asking.read(told, "row-1")
    assert (view, 0 < pause < 1) == (None, True)
    assert (told.answers[0].status, told.answers[0].trouble) == (0, "AttributeError")
