"""`darkroom trigger`, `replay` and `listen`, as people and programs call them."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.settings import Settings
from tests.cli.test_commands import DARKROOM, Ended, darkroom
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house

PATIENCE = 60


async def at(house: House, *words: str, **more: str) -> Ended:
    """With the house's own secret and address."""
    return await darkroom(house, *words, **(_settings(house) | more))


def _settings(house: House) -> dict[str, str]:
    url = str(house.client.base_url)
    return {
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "SKYTELLS_WEBHOOK_SECRET": house.emulator.secret,
        "APP_URL": url,
        "PORT": str(house.settings.port),
    }


async def test_an_event_of_nobody_waits_as_an_orphan(front: House) -> None:
    ended = await at(front, "trigger", "failed", "--set", "response=Out of paint.", COLUMNS="80")
    assert ended.code == 0, ended.err
    assert '"response": "Out of paint."' in ended.out
    assert "✓ 200" in ended.out
    assert "no prediction is known for it" in ended.out
    (kept,) = await front.rows("SELECT body FROM deliveries")
    assert json.loads(kept["body"])["status"] == "failed"


async def test_a_dry_run_shows_what_would_be_sent(front: House) -> None:
    ended = await at(front, "trigger", "prediction.succeeded", "--dialect", "envelope", "--dry-run", "--json")
    told = json.loads(ended.out)
    assert (told["answer"], json.loads(told["request"]["body"])["type"]) == (None, "prediction.succeeded")
    assert await front.rows("SELECT 1 FROM deliveries") == []


async def test_an_event_of_a_prediction_moves_it(house: House) -> None:
    await house.faults(never_finish=1.0)
    created = (await house.create()).json()

    async def is_taken() -> bool:
        return bool(await house.rows("SELECT 1 FROM predictions WHERE provider_id IS NOT NULL"))

    await eventually_async(is_taken)
    ended = await at(house, "trigger", "canceled", "--prediction", created["id"])
    assert (ended.code, "applied" in ended.out) == (0, True)
    assert (await house.final(created["id"]))["status"] == "canceled"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exploded",), "one of started, succeeded, failed, canceled"),
        (("failed", "--provider", "fal"), "nobody else can make a delivery of fal's"),
        (("failed", "--prediction", "00000000-0000-7000-8000-000000000000"), "There is no such prediction."),
    ],
)
async def test_what_cannot_be_sent_is_said(front: House, words: tuple[str, ...], said: str) -> None:
    ended = await at(front, "trigger", *words)
    assert (ended.code, said in ended.err) == (1, True), ended.err


async def test_a_door_that_refuses_ends_with_one(front: House) -> None:
    ended = await at(front, "trigger", "failed", SKYTELLS_WEBHOOK_SECRET="another")
    assert (ended.code, "invalid_signature" in ended.out) == (1, True)
    nowhere = await at(front, "trigger", "failed", "--url", "http://127.0.0.1:1")
    assert (nowhere.code, "nobody answers there" in nowhere.out) == (1, True)


async def test_a_delivery_is_replayed_and_with_changes_sent_anew(front: House) -> None:
    await front.deliver({"id": "p-1", "status": "processing"})
    (kept,) = await front.rows("SELECT id FROM deliveries")
    plain = await at(front, "replay", str(kept["id"]))
    assert (plain.code, "no prediction is known" in plain.err) == (1, True)
    ended = await at(front, "replay", str(kept["id"]), "--set", "status=canceled", "--json")
    assert json.loads(ended.out)["answer"]["body"] == {"received": True, "matched": False}
    bodies = [json.loads(row["body"]) for row in await front.rows("SELECT body FROM deliveries ORDER BY id")]
    assert bodies == [{"id": "p-1", "status": "processing"}, {"id": "p-1", "status": "canceled"}]
    assert (await at(front, "replay", str(kept["id"]), "--dry-run")).code == 2


@asynccontextmanager
async def listening(house: House, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        "PATH": os.environ["PATH"],
        "COLUMNS": "80",
        "DATABASE_URL": house.settings.database_url.get_secret_value(),
        "DARKROOM_DATA": str(house.settings.darkroom_data),
        "SKYTELLS_API_KEY": house.emulator.key,
        **_settings(house),
    }
    process = await asyncio.create_subprocess_exec(
        DARKROOM,
        "listen",
        *words,
        cwd=house.settings.darkroom_data,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a script's background ignores it
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def heard(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode()


async def test_listening_tells_of_each_as_it_comes_and_ends_with_ctrl_c(front: House) -> None:
    await front.deliver({"id": "p-0", "status": "processing"})
    async with listening(front, "--json", "--last", "1") as process:
        assert json.loads(await heard(process))["provider_id"] == "p-0"
        await front.deliver({"id": "p-1", "status": "failed"})
        told = json.loads(await heard(process))
        assert (told["provider_id"], told["verdict"], told["says"]) == ("p-1", "waiting", "failed")
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert (process.returncode, err.decode()) == (0, "")


async def test_in_development_what_was_not_believed_is_told_too(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    developing = settings.model_copy(update={"environment": "development"})
    async with open_house(developing, fresh_emulator, with_worker=False) as house, listening(house) as process:
        header = await heard(process)
        assert header.split() == ["time", "verdict", "provider", "says", "id"]
        await house.client.post("/api/webhooks", content=b"{}")
        line = await heard(process)
        assert "rejected" in line
        assert len(line.rstrip("\n")) <= 80
        assert "x-skytells-signature is missing" in await heard(process)
