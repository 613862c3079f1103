"""Status: cheap to ask for, held until there is news, never holding anybody else up."""

import asyncio
from time import monotonic

import pytest

from tests.house import House, eventually
from tests.web.problems import assert_problem
from tests.web.steps import begun, failed, sold
from tests.web.wire import Wire


async def made(house: House) -> str:
    """The id, ours and the provider's, of a prediction that it has taken."""
    prediction_id: str = (await house.create()).json()["id"]
    await sold(house, prediction_id, prediction_id)
    return prediction_id


async def test_an_etag_changes_with_what_is_seen(standing: House) -> None:
    prediction_id = await made(standing)
    path = f"/api/predictions/{prediction_id}"
    first = await standing.client.get(path)
    same = await standing.client.get(path)
    await begun(standing, prediction_id)
    later = await standing.client.get(path)
    assert first.headers["etag"] == same.headers["etag"] != later.headers["etag"]
    assert (first.json()["status"], later.json()["status"]) == ("starting", "processing")


@pytest.mark.parametrize("form", ['"2"', 'W/"2"', '"1", "2"', '"1",W/"2" , "3"', "*"])
async def test_what_is_known_is_not_sent_again(standing: House, form: str) -> None:
    path = f"/api/predictions/{await made(standing)}"
    answer = await standing.client.get(path, headers={"If-None-Match": form})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"2"'
    assert answer.headers["retry-after"] == "1"


async def test_tags_may_come_in_several_headers(standing: House) -> None:
    path = f"/api/predictions/{await made(standing)}"
    answer = await standing.client.get(path, headers=[("If-None-Match", '"7"'), ("If-None-Match", '"2"')])
    assert answer.status_code == 304


@pytest.mark.parametrize("form", ['"1"', "2", '"22"', "", '\xff"2"\xff', 'w/"2"'])
async def test_what_is_not_known_is_sent(standing: House, form: str) -> None:
    path = f"/api/predictions/{await made(standing)}"
    answer = await standing.client.get(path, headers=[(b"If-None-Match", form.encode("latin-1"))])
    assert answer.status_code == 200


async def test_retry_after_stands_while_there_is_something_to_wait_for(standing: House) -> None:
    created = await standing.create()
    assert created.headers["retry-after"] == "1"
    prediction_id = created.json()["id"]
    await sold(standing, prediction_id, prediction_id)
    await failed(standing, prediction_id)
    final = await standing.client.get(f"/api/predictions/{prediction_id}")
    assert final.json()["status"] == "failed"
    assert "retry-after" not in final.headers


async def test_a_wait_with_a_tag_ends_with_the_first_change(standing: House) -> None:
    prediction_id = await made(standing)
    path = f"/api/predictions/{prediction_id}?wait=20"
    started = monotonic()
    waiting = asyncio.create_task(standing.client.get(path, headers={"If-None-Match": '"2"'}))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await begun(standing, prediction_id)
    assert (await waiting).json()["status"] == "processing"
    assert monotonic() - started < 12


async def test_a_wait_without_a_tag_ends_with_the_end(standing: House) -> None:
    prediction_id = await made(standing)
    path = f"/api/predictions/{prediction_id}?wait=20"
    waiting = asyncio.create_task(standing.client.get(path))
    await asyncio.sleep(0.1)
    await begun(standing, prediction_id)
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await failed(standing, prediction_id)
    assert (await waiting).json()["status"] == "failed"


async def test_the_shortest_wait_is_a_second(standing: House) -> None:
    async def held(wait: str) -> float:
        started = monotonic()
        answer = await standing.client.get(path, params={"wait": wait}, headers={"If-None-Match": '"2"'})
        assert answer.status_code == 304
        return monotonic() - started

    path = f"/api/predictions/{await made(standing)}"
    for seconds in await asyncio.gather(*map(held, ["0", "-5", "0.001", "1"])):
        assert 0.9 < seconds < 12


async def test_a_long_wait_on_something_finished_ends_at_once(standing: House) -> None:
    prediction_id = await made(standing)
    await failed(standing, prediction_id)
    path = f"/api/predictions/{prediction_id}"
    started = monotonic()
    first = await standing.client.get(f"{path}?wait=9999")
    again = await standing.client.get(f"{path}?wait=9999", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert monotonic() - started < 12


async def test_a_create_may_be_held(standing: House) -> None:
    async def held(asked: str) -> float:
        started = monotonic()
        created = await standing.create(Prefer=asked)
        assert (created.status_code, created.json()["status"]) == (201, "starting")
        assert created.headers["preference-applied"] == "wait=1"
        return monotonic() - started

    for seconds in await asyncio.gather(*map(held, ["wait=0", "respond-async, wait=1", 'WAIT="1"; a=b'])):
        assert 0.9 < seconds < 12


@pytest.mark.parametrize("asked", ["respond-async", "return=minimal", "waiting=5", "", ";;,=,"])
async def test_other_preferences_are_ignored(standing: House, asked: str) -> None:
    created = await standing.create(Prefer=asked)
    assert created.status_code == 201
    assert "preference-applied" not in created.headers


async def test_a_held_create_ends_in_the_finished_prediction(house: House) -> None:
    created = await house.create(Prefer="wait")
    assert (created.status_code, created.json()["status"]) == (201, "succeeded")
    assert created.headers["preference-applied"] == "wait=60"
    assert "retry-after" not in created.headers


async def test_fifty_who_wait_hold_no_connection(standing: House) -> None:
    """The pool has five."""
    prediction_id = await made(standing)
    path = f"/api/predictions/{prediction_id}"
    waiting = [asyncio.create_task(standing.client.get(f"{path}?wait=30")) for _ in range(50)]
    await asyncio.sleep(0.5)
    started = monotonic()
    assert (await standing.client.get(path)).status_code == 200
    assert monotonic() - started < 15
    await failed(standing, prediction_id)
    assert {answer.json()["status"] for answer in await asyncio.gather(*waiting)} == {"failed"}


async def test_who_hangs_up_is_waited_for_no_longer(standing: House) -> None:
    path = f"/api/predictions/{await made(standing)}?wait=30"
    before = len(asyncio.all_tasks())
    waiting = [asyncio.create_task(standing.client.get(path)) for _ in range(10)]
    await asyncio.sleep(0.3)
    assert len(asyncio.all_tasks()) >= before + 10
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await eventually(lambda: len(asyncio.all_tasks()) <= before + 2, patience=5)


async def test_a_database_that_goes_away_does_not_hide_what_was_made(wired_front: House, wire: Wire) -> None:
    """Told 503 a client would order again."""
    await wired_front.client.get("/api/models")
    creating = asyncio.create_task(wired_front.create(Prefer="wait=2"))
    await asyncio.sleep(0.5)
    assert not creating.done()
    await wire.cut()
    created = await creating
    assert (created.status_code, created.json()["status"]) == (201, "starting")
    (row,) = await wired_front.rows("SELECT id::text FROM predictions")
    assert row["id"] == created.json()["id"]


async def test_reading_while_the_database_is_away_says_when_to_come_back(wired_front: House, wire: Wire) -> None:
    prediction_id = (await wired_front.create()).json()["id"]
    await wire.cut()
    for path in (f"/api/predictions/{prediction_id}", "/api/predictions", f"/files/{'a' * 32}.png"):
        document = assert_problem(await wired_front.client.get(path), 503, "unavailable")
        assert document["retry_after"] >= 1
    await wire.open()
    assert (await wired_front.client.get(f"/api/predictions/{prediction_id}")).status_code == 200


async def test_head_is_get_without_the_body(standing: House) -> None:
    path = f"/api/predictions/{await made(standing)}"
    answer = await standing.client.head(path)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", '"2"')
