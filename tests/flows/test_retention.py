"""What is kept for how long, and what stays when it goes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.retain import (
    Retention,
    count_old,
    forget_old_deliveries,
    forget_old_notices,
    forget_old_predictions,
)
from app.bootstrap import Services, open_services
from app.db import predictions
from app.db.engine import Database
from app.domain.ids import uuid7
from app.domain.prediction import File, FileState, Prediction, Stage, Status, StoredFile
from app.settings import Settings
from app.storage.keys import new_key
from tests.db.rows import change, new_row
from tests.flows.telling import endpoint
from tests.house import House

MONTH = Retention(predictions=30, deliveries=30)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


async def made(database: Database, *, days_ago: float, finished: bool = True) -> Prediction:
    async with database.transaction() as tx:
        row = new_row(await predictions.time(tx) - timedelta(days=days_ago))
        if finished:
            row = replace(row, status=Status.FAILED, stage=Stage.DONE, work=None, completed_at=row.created_at)
        await predictions.add(tx, row)
    return row


async def there(database: Database) -> set[object]:
    async with database.transaction() as tx:
        rows = await tx.exec_driver_sql("SELECT id FROM predictions")
        return set(rows.scalars())


async def test_finished_predictions_go_when_they_are_old_and_no_others(services: Services) -> None:
    database = services.database
    for _ in range(130):
        await made(database, days_ago=31)
    kept = [await made(database, days_ago=29), await made(database, days_ago=31, finished=False)]
    assert await count_old(database, MONTH) == (130, 0, 0)
    assert await forget_old_predictions(database, services.blobs, MONTH) == 130
    assert await there(database) == {row.id for row in kept}
    assert await forget_old_predictions(database, services.blobs, MONTH) == 0


async def test_files_go_with_them_and_a_tombstone_stays(services: Services) -> None:
    arrival = await services.blobs.begin(new_key("png"))
    await arrival.write(b"a picture")
    key = (await arrival.commit()).key
    old = await made(services.database, days_ago=31)
    stored = StoredFile(key, "image/png", 9, "0" * 64, None, None)
    await change(services.database, old, files=(File(0, "https://cdn", FileState.STORED, stored),))

    assert await forget_old_predictions(services.database, services.blobs, MONTH) == 1
    assert await services.blobs.size(key) is None
    async with services.database.transaction() as tx:
        left = await tx.exec_driver_sql("SELECT prediction_id FROM tombstones")
        assert left.scalars().all() == [old.id]


async def test_zero_days_keep_for_ever(services: Services) -> None:
    row = await made(services.database, days_ago=4000)
    assert await count_old(services.database, Retention()) == (0, 0, 0)
    assert await forget_old_predictions(services.database, services.blobs, Retention()) == 0
    assert await forget_old_deliveries(services.database, Retention()) == 0
    assert await there(services.database) == {row.id}


async def test_raw_deliveries_go_when_they_are_old(front: House, services: Services) -> None:
    for number in range(3):
        await front.deliver({"id": f"p-{number}", "status": "processing"})
    at = (await front.rows("SELECT now() - interval '31 days' AS at"))[0]["at"]
    await front.rows("UPDATE deliveries SET id = $1 WHERE provider_id = 'p-0'", uuid7(at))
    assert await count_old(services.database, MONTH) == (0, 1, 0)
    assert await forget_old_deliveries(services.database, MONTH) == 1
    left = await front.rows("SELECT provider_id FROM deliveries ORDER BY provider_id")
    assert [row["provider_id"] for row in left] == ["p-1", "p-2"]


async def test_what_clients_were_told_goes_when_it_is_old_and_what_is_owed_stays(
    front: House, services: Services
) -> None:
    made = await endpoint(front, "https://pictures.example/hook")
    for _ in range(3):
        await front.client.post(f"/api/webhook-endpoints/{made['id']}/test")
    owed, old, young = await front.rows("SELECT id FROM notices ORDER BY id")
    long_ago = (await front.rows("SELECT now() - interval '31 days' AS at"))[0]["at"]
    await front.rows("UPDATE notices SET due_at = NULL WHERE id IN ($1, $2)", old["id"], young["id"])
    for row in (owed, old):
        await front.rows("UPDATE notices SET id = $2 WHERE id = $1", row["id"], uuid7(long_ago))
    assert await count_old(services.database, MONTH) == (0, 0, 1)
    assert await forget_old_notices(services.database, Retention()) == 0
    assert await forget_old_notices(services.database, MONTH) == 1
    left = await front.rows("SELECT due_at IS NULL AS ended FROM notices ORDER BY id")
    assert [row["ended"] for row in left] == [False, True]
