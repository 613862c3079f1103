"""Creates that come side by side share their commits, and nothing else: what befalls one is no other's."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.actions.admission import Admission
from app.actions.create_prediction import create_prediction
from app.actions.disk_space import Space
from app.actions.list_models import ModelList
from app.bootstrap import open_services
from app.bootstrap.services import Services
from app.domain.budgets import BudgetPolicy
from app.domain.caller import Budgets, Caller
from app.domain.errors import BudgetExceeded, DarkroomError, IdempotencyConflict, InvalidRequest, TooManyUnfinished
from app.domain.order import Maker, Order
from app.domain.prediction import Prediction
from app.providers.price_table import load_prices
from app.settings import Settings
from app.storage.pulse import Pulse
from tests.emulator.process import RunningEmulator
from tests.house import House

ANN, BOB = Caller("ann"), Caller("bob")


@pytest.fixture
async def services(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[Services]:
    async with open_services(settings.model_copy(update={"skytells_base_url": fresh_emulator.api})) as opened:
        yield opened


@pytest.fixture
def admission(services: Services) -> Admission:
    models = ModelList(services.database, services.providers, load_prices(None))
    return Admission(services.database, services.providers, models, space(services))


def space(services: Services, reserve: int = 0) -> Space:
    return Space(Pulse(services.blobs, good_seconds=1), reserve)


def order(prompt: str = "a fox", **more: Any) -> Order:
    return Order(Maker("skytells", "truefusion-pro"), {"prompt": prompt, **more})


async def together(
    admission: Admission, orders: Sequence[Order], keys: Sequence[str | None] = (), callers: Sequence[Caller] = ()
) -> list[Prediction | DarkroomError]:
    asked = [
        create_prediction(
            admission,
            each,
            caller=callers[number % len(callers)] if callers else ANN,
            idempotency_key=keys[number] if keys else None,
        )
        for number, each in enumerate(orders)
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(each, (Prediction, DarkroomError)) for each in found), found
    return found  # type: ignore[return-value]


async def commits(admission: Admission) -> list[int]:
    """How many predictions each has made."""
    async with admission.database.transaction() as tx:
        rows = await tx.exec_driver_sql("SELECT count(*) FROM predictions GROUP BY xmin::text ORDER BY 1")
        return list(rows.scalars())


async def stored(admission: Admission) -> dict[str, str]:
    async with admission.database.transaction() as tx:
        rows = await tx.exec_driver_sql("SELECT id::text, input ->> 'prompt' AS prompt FROM predictions")
        return {row.id: row.prompt for row in rows}


async def test_a_crowd_shares_one_commit_and_everybody_gets_his_own(admission: Admission) -> None:
    await together(admission, [order("the first, for which models are read")])
    prompts = [f"fox {number}" for number in range(20)]
    made = await together(admission, [order(each) for each in prompts], [f"key-{each}" for each in range(20)])
    assert [each.input["prompt"] for each in made if isinstance(each, Prediction)] == prompts
    assert (await stored(admission)).items() >= {str(each.id): each.input["prompt"] for each in made}.items()  # type: ignore[union-attr]
    assert await commits(admission) == [1, 20]
    assert admission.crowds == {}


async def test_callers_keep_to_themselves(admission: Admission) -> None:
    await together(admission, [order("the first, for which models are read")])
    made = await together(admission, [order()] * 6, callers=[ANN, BOB])
    assert Counter(each.owner for each in made if isinstance(each, Prediction)) == {"ann": 3, "bob": 3}
    assert await commits(admission) == [1, 3, 3]


async def test_of_a_crowd_just_as_many_are_admitted_as_the_budget_covers(admission: Admission) -> None:
    poor = Caller("ann", budgets=Budgets(daily=Decimal("0.15")))
    limited = replace(admission, budgets=BudgetPolicy(daily=Decimal("0.15")))
    made = await together(limited, [order()] * 12, callers=[poor])
    assert Counter(type(each) for each in made) == {Prediction: 5, BudgetExceeded: 7}
    assert len(await stored(admission)) == 5


async def test_of_a_crowd_just_as_many_are_admitted_as_may_be_unfinished(admission: Admission) -> None:
    made = await together(admission, [order()] * 9, callers=[Caller("ann", max_unfinished=4)])
    assert Counter(type(each) for each in made) == {Prediction: 4, TooManyUnfinished: 5}


async def test_the_same_key_in_a_crowd_names_one(admission: Admission) -> None:
    made = await together(admission, [order()] * 8, ["same"] * 4 + [f"key-{each}" for each in range(4)])
    ids = [each.id for each in made if isinstance(each, Prediction)]
    assert (len(ids), len(set(ids[:4])), len(set(ids))) == (8, 1, 5)


async def test_a_known_key_in_a_crowd_names_what_it_named(admission: Admission) -> None:
    (before,) = await together(admission, [order()], ["known"])
    again, other, new = await together(admission, [order(), order("a cat"), order("a dog")], ["known", "known", "new"])
    assert isinstance(before, Prediction) and isinstance(again, Prediction) and again.id == before.id
    assert isinstance(other, IdempotencyConflict)
    assert isinstance(new, Prediction)
    assert len(await stored(admission)) == 2


async def test_a_key_stays_what_it_is_though_its_order_could_no_longer_be_taken(
    admission: Admission, services: Services
) -> None:
    (before,) = await together(admission, [order()], ["known"])
    full = replace(admission, space=space(services, reserve=2**62))
    again, new = await together(full, [order(), order()], ["known", "new"])
    assert isinstance(before, Prediction) and isinstance(again, Prediction) and again.id == before.id
    assert isinstance(new, DarkroomError) and new.code == "storage_full"


async def test_who_cannot_be_served_spoils_it_for_nobody(admission: Admission) -> None:
    gone = order(image="file_00000000000000000000000000")
    made = await together(admission, [order("1"), gone, order("2")])
    assert [type(each) for each in made] == [Prediction, InvalidRequest, Prediction]


async def test_over_http_too(front: House) -> None:
    answers = await asyncio.gather(*(front.create(f"fox {number}") for number in range(30)))
    ids = {answer.json()["id"]: answer.json()["input"]["prompt"] for answer in answers}
    assert sorted(ids.values()) == sorted(f"fox {number}" for number in range(30))
    assert len(await front.rows("SELECT 1 FROM predictions")) == 30
