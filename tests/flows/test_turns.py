"""A crowd of creates at a provider with limits, two workers on one database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app.bootstrap import Services, open_services, open_workshop
from app.db import predictions
from app.db.engine import Database
from app.domain.prediction import Prediction
from app.domain.rates import Rate
from app.domain.work import Terms
from app.jobs.runner import run_worker
from app.settings import Settings
from tests.db.rows import add_prediction, load, new_row
from tests.flows.submitting import submit
from tests.house import eventually_async
from tests.providers.limited import LimitedProvider

CROWD, ALLOWED = 30, Rate(5, 1)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


async def add_crowd(database: Database) -> list[Prediction]:
    async with database.transaction() as tx:
        now = await predictions.time(tx)
        made = [new_row(now + number * timedelta(milliseconds=1)) for number in range(CROWD)]
        made = [replace(each, created_at=now, updated_at=now, work=made[0].work) for each in made]
        await predictions.add(tx, *made)
    return made


@asynccontextmanager
async def two_workers(settings: Settings, provider: LimitedProvider) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with (
        open_services(settings) as one,
        open_services(settings) as two,
        open_workshop(one) as shop,
        open_workshop(two) as other,
    ):
        shops = [replace(each, providers={provider.name: provider}) for each in (shop, other)]
        tasks = [asyncio.create_task(run_worker(each, stop)) for each in shops]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)


async def all_ended(database: Database, made: list[Prediction]) -> bool:
    return all([(await load(database, each)).status.is_final for each in made])


def worst_window(provider: LimitedProvider, seconds: float) -> int:
    times = [time for _, time in provider.arrived]
    return max(sum(begin <= time <= begin + seconds for time in times) for begin in times)


async def test_a_crowd_never_exceeds_the_window_and_all_of_it_ends(settings: Settings, services: Services) -> None:
    made = await add_crowd(services.database)
    provider = LimitedProvider(Terms(creates=ALLOWED))
    async with two_workers(settings, provider):
        await eventually_async(lambda: all_ended(services.database, made), patience=60)
    assert worst_window(provider, ALLOWED.seconds) <= ALLOWED.requests
    assert (provider.lockouts, len(provider.arrived)) == (0, CROWD)
    order = [each.id for each, _ in provider.arrived]
    assert all(abs(order.index(each.id) - place) < ALLOWED.requests for place, each in enumerate(made))


async def test_a_429_on_a_create_stops_all_creates_and_all_looks(services: Services) -> None:
    """The provider allows less than we were told."""
    provider = LimitedProvider(Terms(), allows=Rate(2, 60))
    database = services.database
    made = sorted([await add_prediction(database) for _ in range(6)], key=lambda each: each.id)
    for each in made:
        await submit(services, each.id, {"skytells": provider})
    assert len(provider.arrived) == 3
    waiting = [(await load(database, each)).work for each in made[2:]]
    assert all(
        work and work.waits_since and work.due_at - made[0].created_at > timedelta(seconds=30) for work in waiting
    )
    assert [work.attempts for work in waiting if work] == [1, 0, 0, 0]


async def test_who_waits_for_a_turn_too_long_is_given_up(services: Services) -> None:
    provider = LimitedProvider(Terms(creates=Rate(0, 1), wait_within=timedelta()))
    made = await add_prediction(services.database)
    await submit(services, made.id, {"skytells": provider})
    failure = (await load(services.database, made)).failure
    assert failure and failure.code == "provider_unreachable"
    assert provider.arrived == []
