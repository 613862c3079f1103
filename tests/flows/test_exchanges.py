"""What was said to a provider stands in the receipt, without secrets; and nothing hangs on that."""

import json
from typing import Any

import pytest

from app.actions.retain import Retention, forget_old_exchanges
from app.bootstrap import open_services
from app.db import exchanges
from app.db.exchanges import MOST_KEPT
from app.domain.ids import uuid7
from app.watch.exchanges import Exchange, Purpose
from tests.house import House, eventually_async


async def said(house: House, prediction_id: str) -> list[dict[str, Any]]:
    answer = await house.client.get(f"/api/predictions/{prediction_id}/receipt")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["exchanges"])


async def test_a_create_is_told_word_for_word_without_its_secrets(house: House) -> None:
    prediction = await house.final((await house.create("a red fox")).json()["id"])
    (create,) = await said(house, prediction["id"])
    assert (create["purpose"], create["method"], create["status"]) == ("create", "POST", 202)
    assert create["url"] == f"{house.settings.skytells_base_url}/predictions"
    assert create["request"]["headers"]["x-api-key"] == "••••"
    hook = f"{house.settings.public_url}/api/webhooks/skytells?t=••••"
    wanted = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}, "await": False, "webhook": hook}
    assert create["request"]["body"] == wanted
    assert create["answer"]["body"]["status"] == "pending"
    assert prediction["created_at"] <= create["at"] < prediction["completed_at"]


async def test_no_secret_reaches_the_database(house: House) -> None:
    await house.final((await house.create()).json()["id"])
    (row,) = await house.rows("SELECT callback_token, client_token FROM predictions")
    (kept,) = await house.rows("SELECT row_to_json(exchanges)::text AS text FROM exchanges")
    secrets = (*row.values(), house.emulator.key, house.emulator.secret)
    assert "a red fox" in kept["text"] and not [secret for secret in secrets if secret in kept["text"]]


async def test_a_refusal_is_told_in_the_providers_own_words(house: House) -> None:
    await house.faults(content_policy=1)
    prediction = await house.final((await house.create()).json()["id"])
    (create,) = await said(house, prediction["id"])
    assert (prediction["error"]["code"], create["status"]) == ("content_filtered", 451)
    assert create["answer"]["body"]["error"]["error_id"] == "CONTENT_POLICY_VIOLATION"


async def test_a_lost_reply_is_told_and_the_list_that_finds_it_is_not(house: House) -> None:
    """Others' predictions stand in the list."""
    await house.faults(reply_cut=1, drop=1)
    prediction = await house.final((await house.create()).json()["id"])
    told = await said(house, prediction["id"])
    timeline = (await house.client.get(f"/api/predictions/{prediction['id']}/receipt")).json()["timeline"]
    assert (prediction["status"], told[0]["status"], told[0]["answer"]) == ("succeeded", None, None)
    assert told[0]["trouble"] in ("ReadError", "RemoteProtocolError")
    assert any(each["kind"] == "looked" and "found in the list" in each["detail"]["outcome"] for each in timeline)
    assert all("/predictions/" in each["url"] for each in told[1:])


async def test_looks_and_cancels_are_told_too(house: House) -> None:
    await house.faults(never_finish=1, drop=1)
    prediction_id = (await house.create()).json()["id"]

    async def is_looked_at() -> bool:
        return "look" in {each["purpose"] for each in await said(house, prediction_id)}

    await eventually_async(is_looked_at)
    await house.client.post(f"/api/predictions/{prediction_id}/cancel")
    await house.final(prediction_id)

    async def is_told() -> bool:
        told = [each for each in await said(house, prediction_id) if each["purpose"] == "cancel"]
        return [each["method"] for each in told][:2] == ["POST", "GET"]

    await eventually_async(is_told)


async def test_nothing_hangs_on_the_record(house: House) -> None:
    await house.rows("ALTER TABLE exchanges RENAME TO misplaced")
    prediction = await house.final((await house.create()).json()["id"])
    assert prediction["status"] == "succeeded"
    assert len(await house.ledger()) == 1


def exchange(number: int, purpose: Purpose = "look") -> Exchange:
    message = {"headers": {}, "content_type": None, "bytes": 0, "body": {"number": number}}
    return Exchange(purpose, "GET", "https://x.example", message, 200, message, None, 0.1, 0.0)


@pytest.mark.parametrize("at_once", [1, 5, 40])
async def test_the_newest_of_each_purpose_are_kept(front: House, at_once: int) -> None:
    prediction_id = (await front.create()).json()["id"]
    numbers = list(range(40))
    async with open_services(front.settings) as services:
        for first in range(0, 40, at_once):
            batch = [exchange(number) for number in numbers[first : first + at_once]]
            async with services.database.transaction() as tx:
                await exchanges.keep(tx, prediction_id, batch)
        async with services.database.transaction() as tx:
            await exchanges.keep(tx, prediction_id, [exchange(99, "cancel")])
    told = [each["request"]["body"]["number"] for each in await said(front, prediction_id)]
    assert told == [*numbers[-MOST_KEPT:], 99]


async def test_they_go_with_their_prediction_or_when_they_are_old(house: House) -> None:
    old, new, gone = [await house.final((await house.create()).json()["id"]) for _ in range(3)]
    await house.client.delete(f"/api/predictions/{gone['id']}")
    at = (await house.rows("SELECT now() - interval '31 days' AS at"))[0]["at"]
    await house.rows("ALTER TABLE exchanges DROP CONSTRAINT exchanges_prediction_id_fkey")
    await house.rows("UPDATE exchanges SET prediction_id = $1 WHERE prediction_id = $2", uuid7(at), old["id"])
    async with open_services(house.settings) as services:
        assert await forget_old_exchanges(services.database, Retention(deliveries=0)) == 0
        assert await forget_old_exchanges(services.database, Retention(deliveries=30)) == 1
    left = await house.rows("SELECT prediction_id FROM exchanges")
    assert [str(row["prediction_id"]) for row in left] == [new["id"]]


async def test_what_a_caller_may_not_see_he_does_not(house: House) -> None:
    made = (await house.create()).json()
    await house.final(made["id"])
    headers = {"authorization": f"Bearer {made['client_token']}"}
    answer = await house.client.get(f"/api/predictions/{made['id']}/receipt", headers=headers)
    assert answer.status_code == 401 and "exchanges" not in json.dumps(answer.json())
