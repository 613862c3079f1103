"""Idempotency keys, the inbox, model lists, notifications: one promise each."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

from app.db import idempotency, inbox, intake, model_lists
from app.db.changes import Changes, News
from app.db.engine import Database
from app.db.idempotency import Naming, Remembered
from app.db.inbox import Delivery
from app.domain.model import Model, Price
from tests.db.rows import add_prediction
from tests.house import eventually


async def test_an_idempotency_key_is_one_owner_s_and_forgotten_after_a_day(database: Database) -> None:
    first, third = uuid4(), uuid4()
    async with database.transaction() as tx:
        assert await idempotency.remember(tx, "ann", Naming("k", b"body", first), Naming("j", b"body", third))
        assert await idempotency.remember(tx, "bob", Naming("k", b"body", uuid4()))
        assert not await idempotency.remember(tx, "ann", Naming("k", b"body", third))
        assert await idempotency.recall(tx, "ann", "k", b"body") == Remembered(first, same_body=True)
        assert await idempotency.recall(tx, "ann", "k", b"another") == Remembered(first, same_body=False)
        await tx.exec_driver_sql("UPDATE idempotency_keys SET created_at = now() - interval '25 hours'")
        assert await idempotency.recall(tx, "ann", "k", b"body") is None
        assert await idempotency.remember(tx, "ann", Naming("k", b"another", third))
        assert await idempotency.forget_old(tx) == 2


async def test_a_delivery_is_kept_once_by_its_id_or_its_body(database: Database) -> None:
    numbers = count(1)

    def delivery(body: bytes, webhook_id: str | None = None) -> Delivery:
        return Delivery(UUID(int=next(numbers)), "skytells", "p-1", body, webhook_id)

    async with database.transaction() as tx:
        assert await inbox.keep(tx, delivery(b"one"))
        assert not await inbox.keep(tx, delivery(b"one"))
        assert await inbox.keep(tx, delivery(b"two"))
        assert await inbox.keep(tx, delivery(b"three", "w-1"))
        assert not await inbox.keep(tx, delivery(b"three, reformatted, at 2026-11-22T07:00:00Z", "w-1"))
        assert [each.body for each in await inbox.unapplied(tx, "skytells", "p-1")] == [b"one", b"two", b"three"]


def test_deliveries_of_one_hour_lie_beside_each_other_in_their_index() -> None:
    def identity(at: str, number: int) -> bytes:
        body = b'{"input": {"prompt": "a fox, %d"}, "created_at": "%s"}' % (number, at.encode())
        return Delivery(uuid4(), "skytells", "p-1", body).identity

    early, late = "2026-11-22T06:59:59Z", "2026-11-22T07:00:00Z"
    assert max(identity(early, number) for number in range(50)) < min(identity(late, number) for number in range(50))
    assert len({identity(early, number) for number in range(50)}) == 50
    assert len({len(identity(at, 1)) for at in (early, late, "none", "2099-99-99T99", "20")}) == 1


async def test_a_model_list_is_kept_with_its_age(database: Database) -> None:
    price = Price(Decimal("0.03"), "USD", "image")
    models = [Model("skytells", "a", "image", "A.", {"type": "object"}, price), Model("skytells", "b", "video")]
    async with database.transaction() as tx:
        assert await model_lists.load(tx, "skytells") is None
        await model_lists.save(tx, "skytells", models)
        await model_lists.save(tx, "skytells", models)
        kept = await model_lists.load(tx, "skytells")
    assert kept is not None
    assert kept[0] == models
    assert timedelta() <= kept[1] < timedelta(minutes=1)


async def test_deliveries_that_were_kept_together_are_told_of_one_by_one(database: Database) -> None:
    given = [Delivery(UUID(int=number), "skytells", f"p-{number}", b"%d" % number) for number in range(100)]
    heard, listener = list[News](), Changes(database.direct)
    with listener.followed(heard.append):
        async with listener.running():
            await eventually(lambda: listener.is_listening)
            await intake.keep_all(database, given)
            await intake.keep_all(database, given)
            await eventually(lambda: len(heard) > len(given))
    assert [each.id for each in heard if each.of == "delivery"] == [each.id for each in given]


async def test_a_change_wakes_those_who_wait_for_it_even_after_the_listener_was_cut(database: Database) -> None:
    made = await add_prediction(database)
    listener = Changes(database.direct)
    async with listener.running():
        await eventually(lambda: listener.is_listening)
        for _ in range(2):
            with listener.of(made.id) as change:
                async with database.transaction() as tx:
                    await tx.exec_driver_sql("UPDATE predictions SET version = version + 1")
                async with asyncio.timeout(30):
                    await change.wait(60)
            async with database.transaction() as tx:
                await tx.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query ILIKE 'listen%' AND datname = current_database()"
                )
            await eventually(lambda: not listener.is_listening)
            await eventually(lambda: listener.is_listening)
