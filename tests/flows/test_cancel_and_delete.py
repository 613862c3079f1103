"""Canceling with the provider's proof, and deleting for good."""

import httpx

from tests.house import House, eventually_async


async def test_a_cancel_before_the_provider_was_asked_costs_nothing(front: House) -> None:
    created = (await front.create()).json()
    canceled = await front.client.post(f"/api/predictions/{created['id']}/cancel")
    assert canceled.status_code == 200
    assert (canceled.json()["status"], canceled.json()["stage"]) == ("canceled", "done")
    assert await front.ledger() == []


async def test_a_running_prediction_is_canceling_until_the_provider_confirms(house: House) -> None:
    await house.faults(never_finish=1)
    prediction_id = await _running(house)
    asked = (await house.client.post(f"/api/predictions/{prediction_id}/cancel")).json()
    assert (asked["status"], asked["stage"]) in (("processing", "canceling"), ("canceled", "done"))
    assert (await house.final(prediction_id))["status"] == "canceled"
    (sold,) = await house.ledger()
    assert sold["status"] == "cancelled"


async def test_a_cancel_of_what_is_finished_is_a_conflict(house: House) -> None:
    final = await house.final((await house.create()).json()["id"])
    again = await house.client.post(f"/api/predictions/{final['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "already_finished")
    assert (await house.client.get(f"/api/predictions/{final['id']}")).json() == final


async def test_twice_is_as_good_as_once(house: House) -> None:
    await house.faults(never_finish=1)
    prediction_id = await _running(house)
    for _ in range(2):
        answer = await house.client.post(f"/api/predictions/{prediction_id}/cancel")
        assert answer.status_code in (200, 409)
    assert (await house.final(prediction_id))["status"] == "canceled"


async def test_a_deleted_prediction_leaves_nothing_but_a_tombstone(house: House) -> None:
    final = await house.final((await house.create("a secret fox")).json()["id"])
    path = f"/api/predictions/{final['id']}"

    deleted = await house.client.delete(path)

    assert (deleted.status_code, deleted.json()["deleted"]) == (200, True)
    assert (await house.client.get(path)).status_code == 404
    assert (await house.client.get(final["output"][0])).status_code == 404
    assert list(house.settings.blobs_folder.glob("??/*")) == []
    for table in ("predictions", "files", "deliveries", "events", "exchanges"):
        assert await house.rows(f"SELECT 1 FROM {table}") == [], table
    (sold,) = await house.ledger()
    late = await house.deliver({"id": sold["id"], "status": "succeeded", "output": ["https://x.example/1.png"]})
    assert late.status_code == 200
    assert await house.rows("SELECT 1 FROM deliveries") == []


async def test_the_key_of_a_deleted_prediction_does_not_buy_again(house: House) -> None:
    key = {"Idempotency-Key": "order-17"}
    final = await house.final((await house.create(**key)).json()["id"])
    await house.client.delete(f"/api/predictions/{final['id']}")
    again = await house.create(**key)
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_conflict")
    assert len(await house.ledger()) == 1


async def test_an_unfinished_prediction_is_not_deleted(front: House) -> None:
    created = (await front.create()).json()
    refused = await front.client.delete(f"/api/predictions/{created['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "prediction_unfinished")
    assert (await front.client.get(f"/api/predictions/{created['id']}")).status_code == 200


async def _running(house: House) -> str:
    created = (await house.create()).json()

    async def runs() -> bool:
        answer: httpx.Response = await house.client.get(f"/api/predictions/{created['id']}")
        return str(answer.json()["stage"]) == "running"

    await eventually_async(runs)
    return str(created["id"])
