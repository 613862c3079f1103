"""`darkroom …` as people and scripts call it: real processes on the house's own database."""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.process import ROOT
from tests.house import House

DARKROOM = Path(sys.executable).with_name("darkroom")


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


async def darkroom(house: House, *words: str, **more: str) -> Ended:
    """`more` are settings by their names."""
    settings = house.settings
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "160",
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "DARKROOM_DATA": str(settings.darkroom_data),
        "SKYTELLS_API_KEY": house.emulator.key,
        "SKYTELLS_BASE_URL": house.emulator.api,
    }
    process = await asyncio.create_subprocess_exec(
        DARKROOM,
        *words,
        cwd=settings.darkroom_data,
        env=environment | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert "Traceback" not in err.decode(), err.decode()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def test_a_key_is_made_listed_without_its_secret_and_revoked(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", "--owner", "ann", "--json")).out)
    headers = {"authorization": f"Bearer {made['key']}"}
    assert (await front.client.get("/api/predictions", headers=headers)).status_code == 200
    listed = await darkroom(front, "keys", "list")
    assert "ann" in listed.out
    assert made["key"].split("_", 2)[2] not in listed.out
    assert (await darkroom(front, "keys", "revoke", made["id"])).code == 0
    assert (await front.client.get("/api/predictions", headers=headers)).status_code == 401
    again = await darkroom(front, "keys", "revoke", made["id"])
    assert (again.code, "no open key" in again.err) == (1, True)


async def test_a_receipt_reads_as_a_story_and_as_json(house: House) -> None:
    final = await house.final((await house.create()).json()["id"])
    story = await darkroom(house, "receipt", final["id"])
    assert story.code == 0
    for word in ("succeeded", "truefusion-pro", "asked", "delivery", "transfer", "stored"):
        assert word in story.out
    assert re.search(r"call +POST http://\S+/v1/predictions +202", story.out)
    told = json.loads((await darkroom(house, "receipt", final["id"], "--json")).out)
    assert (told["id"], told["status"]) == (final["id"], "succeeded")
    (create,) = told["exchanges"]
    assert create["request"]["body"]["input"] == {"prompt": "a red fox"}
    raw = (await darkroom(house, "receipt", final["id"], "--raw")).out
    for word in ("→ POST", "x-api-key: ••••", '"prompt": "a red fox"', "← 202", "content-type: application/json"):
        assert word in raw
    missing = await darkroom(house, "receipt", "00000000-0000-7000-8000-000000000000")
    assert (missing.code, missing.err.strip()) == (1, "There is no such prediction.")
    assert (await darkroom(house, "receipt", "nonsense")).code == 2


async def test_kept_deliveries_are_listed_shown_and_attached(front: House) -> None:
    await front.deliver({"id": "p-7", "status": "processing"})
    created = (await front.create()).json()
    (kept,) = json.loads((await darkroom(front, "events", "list", "--pending", "--json")).out)
    shown = await darkroom(front, "events", "show", kept["id"])
    assert '"status": "processing"' in shown.out
    assert (await darkroom(front, "events", "replay", kept["id"])).code == 1
    assert (await darkroom(front, "events", "attach", kept["id"], created["id"])).code == 0
    assert (await front.client.get(f"/api/predictions/{created['id']}")).json()["stage"] == "running"
    assert json.loads((await darkroom(front, "events", "held", "--json")).out) == []


REMOVED = (
    "old_predictions",
    "old_deliveries",
    "old_exchanges",
    "old_notices",
    "unused_uploads",
    "deleted_files",
    "temporaries",
    "orphans",
)


async def test_cleaning_up_says_what_it_removed(front: House) -> None:
    removed = json.loads((await darkroom(front, "cleanup", "--json")).out)
    assert removed == dict.fromkeys(REMOVED, 0)
    dry = json.loads((await darkroom(front, "cleanup", "--dry-run", "--json")).out)
    assert dry == dict.fromkeys(("old_predictions", "old_deliveries", "old_notices", "orphans"), 0)


async def test_the_secret_of_a_client_s_webhooks_is_the_same_everywhere(front: House) -> None:
    said = (await darkroom(front, "keys", "webhook-secret", "development")).out.strip()
    assert said == (await front.client.get("/api/webhook-secret")).json()["key"]


async def test_without_a_database_it_says_what_to_do(front: House) -> None:
    nowhere = front.settings.model_copy(
        update={"database_url": type(front.settings.database_url)("postgresql://x@127.0.0.1:1/x")}
    )
    ended = await darkroom(House(nowhere, front.emulator, front.client), "keys", "list")
    assert ended.code == 1
    assert "./scripts/up" in ended.err
