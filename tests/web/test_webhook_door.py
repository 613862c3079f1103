"""The providers' door, row by row of the contract's table."""

import asyncio
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import structlog
from pydantic import SecretStr

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem
from tests.web.steps import callback_token, sold, state
from tests.web.wire import Wire

PATHS = ("/api/webhooks", "/api/webhooks/skytells")


def sign(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def known(house: House) -> str:
    prediction_id: str = (await house.create()).json()["id"]
    await sold(house, prediction_id, prediction_id)
    return prediction_id


async def kept(house: House, provider_id: str) -> list[dict[str, Any]]:
    return await house.rows(
        "SELECT prediction_id::text, applied_at, trouble FROM deliveries WHERE provider_id = $1", provider_id
    )


@pytest.mark.parametrize("path", PATHS)
async def test_the_first_is_kept_and_applied(standing: House, path: str) -> None:
    prediction_id = await known(standing)
    answer = await standing.deliver({"id": prediction_id, "status": "processing"}, path=path)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert (await state(standing, prediction_id))["status"] == "processing"
    (delivery,) = await kept(standing, prediction_id)
    assert delivery["prediction_id"] == prediction_id
    assert delivery["applied_at"] is not None


@pytest.mark.parametrize("path", PATHS)
async def test_the_same_body_again_changes_nothing(standing: House, path: str) -> None:
    prediction_id = await known(standing)
    delivery = {"id": prediction_id, "status": "processing"}
    await standing.deliver(delivery)
    before = await state(standing, prediction_id)
    answer = await standing.deliver(delivery, path=path)
    assert (answer.status_code, answer.json()) == (200, {"received": True, "duplicate": True})
    assert await state(standing, prediction_id) == before
    assert len(await kept(standing, prediction_id)) == 1


async def test_the_same_webhook_id_again_changes_nothing(standing: House) -> None:
    prediction_id, name = await known(standing), uuid4().hex
    first = await standing.deliver({"id": prediction_id, "status": "processing"}, **{"webhook-id": name})
    again = await standing.deliver({"id": prediction_id, "status": "failed"}, **{"webhook-id": name})
    assert first.json() == {"received": True}
    assert again.json() == {"received": True, "duplicate": True}
    assert (await state(standing, prediction_id))["status"] == "processing"


async def test_fifty_copies_at_once_are_one(standing: House) -> None:
    prediction_id = await known(standing)
    delivery = {"id": prediction_id, "status": "processing"}
    answers = await asyncio.gather(*(standing.deliver(delivery) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("duplicate" not in answer.json() for answer in answers) == 1


async def test_copies_are_counted_and_stand_in_the_receipt(standing: House) -> None:
    prediction_id = await known(standing)
    for _ in range(3):
        await standing.deliver({"id": prediction_id, "status": "processing"})
    receipt = (await standing.client.get(f"/api/predictions/{prediction_id}/receipt")).json()
    [told] = [entry["detail"] for entry in receipt["timeline"] if entry["kind"] == "delivery"]
    assert (told["copies"], told["last_copy_at"][-1]) == (2, "Z")
    listed = (await standing.client.get("/api/deliveries")).json()["data"]
    assert [each["copies"] for each in listed if each["id"] == told["id"]] == [2]


async def test_one_for_nobody_is_kept(standing: House) -> None:
    stranger = f"pred_{uuid4().hex}"
    answer = await standing.deliver({"id": stranger, "status": "succeeded", "output": ["https://cdn.skytells.ai/a"]})
    assert (answer.status_code, answer.json()) == (200, {"received": True, "matched": False})
    (delivery,) = await kept(standing, stranger)
    assert delivery["applied_at"] is None


UNREADABLE = {
    "not JSON": b"hello",
    "not UTF-8": b'{"id": "\xff"}',
    "nothing": b"",
    "an array": b'["id"]',
    "a number": b"1",
    "without an id": b'{"status": "succeeded"}',
    "with an empty id": b'{"id": ""}',
    "with a number for an id": b'{"id": 7}',
    "nested without end": b"[" * 200_000,
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_authentic_one_that_says_nothing_is_kept_to_be_looked_at(standing: House, name: str) -> None:
    body = UNREADABLE[name]
    assert_problem(await standing.deliver(body), 400, "unreadable_delivery")
    (row,) = await standing.rows("SELECT trouble FROM deliveries WHERE body = $1", body)
    assert row["trouble"] == "unreadable"


BODY = b'{"id": "pred_forged", "status": "succeeded", "output": ["https://cdn.skytells.ai/a.png"]}'
FORGED: dict[str, list[tuple[str, str]]] = {
    "no signature": [],
    "an empty one": [("x-skytells-signature", "")],
    "another secret's": [("x-skytells-signature", sign(BODY, "another"))],
    "the empty secret's": [("x-skytells-signature", sign(BODY, ""))],
    "another body's": [("x-skytells-signature", sign(BODY + b" ", "whsec-emulator"))],
    "a cut one": [("x-skytells-signature", "{cut}")],
    "a longer one": [("x-skytells-signature", "{good}00")],
    "another algorithm's name": [("x-skytells-signature", "sha1={good}")],
    "two in one header": [("x-skytells-signature", "{good},{good}")],
    "two headers": [("x-skytells-signature", "{good}"), ("x-skytells-signature", "{good}")],
    "a good and a bad header": [("x-skytells-signature", "{good}"), ("X-Skytells-Signature", "00")],
    "two webhook-ids": [("x-skytells-signature", "{good}"), ("webhook-id", "a"), ("webhook-id", "b")],
    "under another name": [("x-signature", "{good}")],
    "wild bytes": [("x-skytells-signature", "\xff\xfe")],
    "wide digits": [("x-skytells-signature", "\xb2" * 64)],
}


def forged(name: str, secret: str) -> list[tuple[bytes, bytes]]:
    good = sign(BODY, secret)
    return [
        (header.encode(), value.replace("{good}", good).replace("{cut}", good[:-1]).encode("latin-1"))
        for header, value in FORGED[name]
    ]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_one_is_refused(standing: House, name: str, path: str) -> None:
    answer = await standing.client.post(path, content=BODY, headers=forged(name, standing.emulator.secret))
    assert_problem(answer, 401, "invalid_signature")
    assert await kept(standing, "pred_forged") == []


async def test_an_altered_body_is_refused(standing: House) -> None:
    prediction_id = await known(standing)
    body = json.dumps({"id": prediction_id, "status": "processing"}).encode()
    signature = {"x-skytells-signature": sign(body, standing.emulator.secret)}
    for altered in (body.replace(b"processing", b"failed"), body + b"\n", body[:-1]):
        answer = await standing.client.post("/api/webhooks", content=altered, headers=signature)
        assert_problem(answer, 401, "invalid_signature")
    assert (await state(standing, prediction_id))["status"] == "starting"


@pytest.mark.parametrize("form", ["{0}", "sha256={0}"])
@pytest.mark.parametrize("case", [str.lower, str.upper])
async def test_both_forms_of_a_signature_are_understood(standing: House, form: str, case: Any) -> None:
    body = json.dumps({"id": f"pred_{uuid4().hex}", "status": "starting"}).encode()
    signature = form.format(case(sign(body, standing.emulator.secret)))
    answer = await standing.client.post("/api/webhooks", content=body, headers={"x-skytells-signature": signature})
    assert (answer.status_code, answer.json()["matched"]) == (200, False)


async def test_secrets_can_be_rotated(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    several = settings.model_copy(update={"skytells_webhook_secret": SecretStr("new, old")})
    several.__dict__.pop("skytells_webhook_secrets", None)
    async with open_house(several, fresh_emulator, with_worker=False) as house:
        for number, (secret, status) in enumerate([("new", 200), ("old", 200), ("older", 401), ("new, old", 401)]):
            body = json.dumps({"id": f"pred_{number}", "status": "starting"}).encode()
            signature = {"x-skytells-signature": sign(body, secret)}
            assert (await house.client.post("/api/webhooks", content=body, headers=signature)).status_code == status


async def statements(house: House) -> int:
    """Transactions that the house's database has seen; its own numbers are late by up to a second."""
    url = house.settings.database_url.get_secret_value()
    connection = await asyncpg.connect(url.replace("@/" + url.split("@/")[1].split("?")[0], "@/postgres"))
    name = url.split("@/")[1].split("?")[0]
    try:
        return int(
            await connection.fetchval(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1", name
            )
        )
    finally:
        await connection.close()


async def test_a_forged_one_costs_the_database_nothing(front: House) -> None:
    first = await statements(front)
    await front.create()
    await asyncio.sleep(1.2)
    before = await statements(front)
    assert before > first
    for _ in range(100):
        await front.client.post("/api/webhooks", content=BODY)
    await asyncio.sleep(1.2)
    assert await statements(front) - before <= 2


async def test_forged_ones_are_refused_while_the_database_is_away(wired_front: House, wire: Wire) -> None:
    await wire.cut()
    for name in FORGED:
        headers = forged(name, wired_front.emulator.secret)
        answer = await wired_front.client.post("/api/webhooks", content=BODY, headers=headers)
        assert_problem(answer, 401, "invalid_signature")


@pytest.mark.parametrize("trouble", ["cut", "silent"])
async def test_an_authentic_one_is_asked_for_again_while_the_database_is_away(
    wired_front: House, wire: Wire, trouble: str
) -> None:
    delivery = {"id": "pred_late", "status": "starting"}
    await wired_front.create()
    await wire.cut() if trouble == "cut" else wire.hold()
    started = monotonic()
    document = assert_problem(await wired_front.deliver(delivery), 503, "unavailable")
    assert monotonic() - started < 12
    assert document["retry_after"] >= 1
    await wire.open() if trouble == "cut" else wire.release()
    assert (await wired_front.deliver(delivery)).status_code == 200


async def test_a_locked_table_is_not_waited_for_long(front: House) -> None:
    connection = await asyncpg.connect(front.settings.database_url.get_secret_value())
    async with connection.transaction():
        await connection.execute("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        started = monotonic()
        assert_problem(await front.deliver({"id": "pred_x", "status": "starting"}), 503, "unavailable")
        assert monotonic() - started < 12
    await connection.close()
    assert (await front.deliver({"id": "pred_x", "status": "starting"})).json() == {"received": True, "matched": False}


async def test_a_megabyte_is_kept_and_a_byte_more_is_not(standing: House) -> None:
    head, tail = b'{"id": "pred_large", "a": "', b'"}'
    largest = head + b"x" * (1_000_000 - len(head + tail)) + tail
    assert (await standing.deliver(largest)).status_code == 200
    assert_problem(await standing.deliver(largest + b" "), 413, "body_too_large")


async def test_a_large_one_is_refused_before_it_has_come(standing: House) -> None:
    """Announced or not: the answer is there while the sender has not ended."""
    for head in (b"Content-Length: 5000000\r\n", b"Transfer-Encoding: chunked\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.settings.port)
        writer.write(b"POST /api/webhooks HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n")
        if b"chunked" in head:
            writer.write(b"1E8480\r\n" + b"x" * 1_500_000)
        answer = await asyncio.wait_for(reader.readuntil(b"}"), 60)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"body_too_large" in answer
        writer.close()


async def test_an_early_one_finds_its_row_by_our_token(standing: House) -> None:
    prediction_id = (await standing.create()).json()["id"]
    token, provider_id = await callback_token(standing, prediction_id), f"pred_{uuid4().hex}"
    path = f"/api/webhooks/skytells?t={token}"
    answer = await standing.deliver({"id": provider_id, "status": "processing"}, path=path)
    assert answer.json() == {"received": True}
    assert await state(standing, prediction_id) | {"version": 0} == {
        "provider_id": provider_id, "status": "processing", "stage": "running", "version": 0
    }  # fmt: skip


async def test_a_token_does_not_replace_the_signature(standing: House) -> None:
    prediction_id = (await standing.create()).json()["id"]
    path = f"/api/webhooks/skytells?t={await callback_token(standing, prediction_id)}"
    answer = await standing.client.post(path, json={"id": "pred_x", "status": "processing"})
    assert_problem(answer, 401, "invalid_signature")
    assert (await state(standing, prediction_id))["provider_id"] is None


async def test_a_token_moves_no_row_that_has_its_id(standing: House) -> None:
    prediction_id = await known(standing)
    path = f"/api/webhooks/skytells?t={await callback_token(standing, prediction_id)}"
    answer = await standing.deliver({"id": f"pred_{uuid4().hex}", "status": "failed"}, path=path)
    assert answer.json() == {"received": True, "matched": False}
    assert await state(standing, prediction_id) == {
        "provider_id": prediction_id, "status": "starting", "stage": "waiting", "version": 2
    }  # fmt: skip


@pytest.mark.parametrize("token", ["", "%00", "wrong", "%FF", "x" * 5000, "a&t=b"])
async def test_an_odd_token_finds_nothing_and_breaks_nothing(standing: House, token: str) -> None:
    delivery = {"id": f"pred_{uuid4().hex}", "status": "starting"}
    answer = await standing.deliver(delivery, path=f"/api/webhooks/skytells?t={token}")
    assert answer.json() == {"received": True, "matched": False}


async def test_the_callback_token_is_never_shown_or_logged(standing: House) -> None:
    with structlog.testing.capture_logs() as lines:
        created = await standing.create()
        prediction_id = created.json()["id"]
        token = await callback_token(standing, prediction_id)
        path = f"/api/webhooks/skytells?t={token}"
        answers = [
            created,
            await standing.deliver({"id": f"pred_{prediction_id}", "status": "processing"}, path=path),
            await standing.deliver(b"[]", path=path),
            await standing.client.post(path, content=b"{}"),
            await standing.client.get(path),
            await standing.client.get(f"/api/predictions/{prediction_id}"),
            await standing.client.get("/api/predictions"),
        ]
    assert len(lines) >= len(answers)
    assert token not in repr(lines)
    assert all(token not in answer.text + repr(answer.headers) for answer in answers)


async def test_a_provider_that_we_do_not_know_has_no_door(standing: House) -> None:
    assert_problem(await standing.deliver({"id": "a"}, path="/api/webhooks/nobody"), 404, "not_found")


def _tools() -> None:
    missing = [tool for tool in ("bash", "openssl", "curl") if shutil.which(tool) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI needs {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


async def test_the_recipe_of_the_contract_works_as_written(standing: House, tmp_path: Path) -> None:
    _tools()
    recipe = tmp_path / "recipe.sh"
    recipe.write_text(
        """PAYLOAD='{"id":"pred_test","status":"succeeded","output":["https://cdn.skytells.ai/test.png"]}'
SIG=$(echo -n "$PAYLOAD" | openssl dgst -sha256 -hmac "$SECRET" | cut -d' ' -f2)
curl -X POST $APP_URL/api/webhooks -H "Content-Type: application/json" \\
  -H "x-skytells-signature: sha256=$SIG" -d "$PAYLOAD"
"""
    )
    surroundings = {
        "PATH": os.environ["PATH"],
        "SECRET": standing.emulator.secret,
        "APP_URL": f"http://127.0.0.1:{standing.settings.port}",
    }
    for expected in ({"received": True, "matched": False}, {"received": True, "duplicate": True}):
        ended = await asyncio.to_thread(
            subprocess.run, ["bash", str(recipe)], env=surroundings, capture_output=True, timeout=20, check=True
        )
        assert json.loads(ended.stdout) == expected


async def test_a_delivery_may_come_in_chunks(standing: House) -> None:
    body = json.dumps({"id": f"pred_{uuid4().hex}", "status": "starting"}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(len(body)):
            yield body[at : at + 1]

    headers = {"x-skytells-signature": sign(body, standing.emulator.secret)}
    answer = await standing.client.post("/api/webhooks", content=chunks(), headers=headers)
    assert answer.json() == {"received": True, "matched": False}


async def test_a_sender_who_stops_in_the_middle_leaves_nothing(standing: House) -> None:
    with socket.create_connection(("127.0.0.1", standing.settings.port)) as connection:
        connection.sendall(b"POST /api/webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
    assert (await standing.client.get("/health")).status_code == 200


def test_the_client_sends_what_these_tests_say() -> None:
    assert httpx.Headers(forged("two headers", "x")).get_list("x-skytells-signature") == [sign(BODY, "x")] * 2
