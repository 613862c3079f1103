"""Copies of a prediction, which stand for thousands of purchases: the service must see no difference."""

import asyncio
from uuid import UUID

from app.storage.keys import checked
from scripts.benchmarks.stage.copies import copy
from tests.house import House

COUNT, DELIVERIES = 12, 5


async def test_copies_are_predictions_like_their_model(house: House) -> None:
    made = await house.final((await house.create()).json()["id"])
    url = house.settings.database_url.get_secret_value()
    ids = await asyncio.to_thread(copy, url, made["id"], COUNT, days=3, deliveries=DELIVERIES, tidy=True)

    listed = (await house.client.get("/api/predictions", params={"limit": 100})).json()["data"]
    assert [UUID(each["id"]) for each in listed[1:]] == ids[::-1]
    assert len({UUID(each["id"]).version for each in listed}) == 1
    for each in listed[1:]:
        assert (each["status"], each["input"], each["cost"]) == (made["status"], made["input"], made["cost"])
        assert each["metrics"] == made["metrics"]
        assert each["files"][0]["sha256"] == made["files"][0]["sha256"]
    keys = await house.rows("SELECT key, thumb_key FROM files")
    assert len({checked(key) for row in keys for key in row.values()}) == 2 * len(keys)
    rows = await house.rows("SELECT count(*) AS many, count(DISTINCT identity) AS different FROM deliveries")
    own = len(await house.rows("SELECT 1 FROM deliveries WHERE prediction_id = $1", UUID(made["id"])))
    assert rows == [{"many": COUNT * DELIVERIES + own, "different": COUNT * DELIVERIES + own}]


async def test_nobody_works_on_the_copy_of_what_is_unfinished(front: House) -> None:
    made = (await front.create()).json()
    ids = await asyncio.to_thread(copy, front.settings.database_url.get_secret_value(), made["id"], COUNT, sample=3)
    due = await front.rows("SELECT id FROM predictions WHERE due_at > now() + interval '23 hours'")
    assert len(ids) == 3
    assert set(ids) < {row["id"] for row in due} and len(due) == COUNT
