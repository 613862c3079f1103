"""Lists: newest first, every row once, whatever is added meanwhile."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from tests.house import House


async def made(house: House, number: int, model: str = "truefusion-pro") -> list[str]:
    body = {"model": model, "input": {"prompt": "a fox"}}
    answers = [await house.client.post("/api/predictions", json=body) for _ in range(number)]
    return [answer.json()["id"] for answer in answers]


async def walk(house: House, **query: Any) -> list[list[str]]:
    """The ids of each page."""
    pages: list[list[str]] = []
    cursor = None
    while True:
        given = query | ({"cursor": cursor} if cursor else {})
        page = (await house.client.get("/api/predictions", params=given)).json()
        pages.append([each["id"] for each in page["data"]])
        cursor = page["next"]
        if cursor is None:
            return pages


async def test_nothing_is_an_empty_page(front: House) -> None:
    assert (await front.client.get("/api/predictions")).json() == {"data": [], "next": None}


async def test_the_newest_come_first_and_each_once(front: House) -> None:
    ids = await made(front, 12)
    assert await walk(front) == [ids[::-1]]
    for limit in (1, 5, 6, 11, 12, 13, 100):
        pages = await walk(front, limit=limit)
        assert list(chain(*pages)) == ids[::-1]
        assert all(len(page) == limit for page in pages[:-1])
        assert pages[-1]


async def test_twenty_a_page_are_usual(front: House) -> None:
    await made(front, 21)
    assert [len(page) for page in await walk(front)] == [20, 1]


async def test_what_is_made_meanwhile_does_not_move_the_pages(front: House) -> None:
    ids = await made(front, 6)
    first = (await front.client.get("/api/predictions?limit=3")).json()
    await made(front, 3)
    second = (await front.client.get("/api/predictions", params={"limit": 3, "cursor": first["next"]})).json()
    assert [each["id"] for each in first["data"] + second["data"]] == ids[::-1]
    assert second["next"] is None


async def test_filters(front: House) -> None:
    pro, flux = await made(front, 3), await made(front, 2, "flux-pro")
    await front.rows("UPDATE predictions SET status = 'failed', stage = 'done' WHERE id = $1", pro[0])
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"model": "flux-pro"}, flux),
        ({"model": "nothing"}, []),
        ({"provider": "skytells"}, pro + flux),
        ({"provider": "nobody"}, []),
        ({"status": "failed"}, pro[:1]),
        ({"status": "starting", "model": "truefusion-pro"}, pro[1:]),
    ]
    for query, expected in cases:
        assert list(chain(*await walk(front, limit="2", **query))) == expected[::-1], query


async def test_times_bound_what_was_created(front: House) -> None:
    ids = await made(front, 3)
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for number, prediction_id in enumerate(ids):
        at = noon + timedelta(hours=number)
        await front.rows("UPDATE predictions SET created_at = $2 WHERE id = $1", prediction_id, at)
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({"created_after": "2026-01-01T13:00:00Z"}, ids[1:]),
        ({"created_before": "2026-01-01T13:00:00Z"}, ids[:1]),
        ({"created_after": "2026-01-01T14:00:00+01:00", "created_before": "2026-01-01T13:00:00.001Z"}, ids[1:2]),
    ]
    for query, expected in cases:
        assert list(chain(*await walk(front, **query))) == expected[::-1], query


async def test_a_plus_in_a_query_may_come_as_a_space(front: House) -> None:
    assert (await front.client.get("/api/predictions?created_after=2026-01-01T14:00:00+01:00")).status_code == 200


@pytest.mark.parametrize("limit", ["1", "001", "100"])
async def test_limits(front: House, limit: str) -> None:
    assert (await front.client.get(f"/api/predictions?limit={limit}")).status_code == 200
