"""`darkroom doctor` as people call it: a checklist, cures, and an exit code that scripts can trust."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from tests.cli.test_commands import Ended, darkroom
from tests.house import House
from tests.ports import free_port
from tests.providers.replicate import samples as replicate
from tests.providers.replicate.server import ReplicateServer

SKIPPED_WITHOUT_A_DATABASE = {"migrations", "clock, database", "notifications", "webhook endpoints"}


async def doctor(house: House, *words: str, **more: str) -> Ended:
    """As on this house's own machine."""
    own = {
        "APP_URL": f"http://127.0.0.1:{house.settings.port}",
        "SKYTELLS_WEBHOOK_SECRET": house.emulator.secret,
        "ENVIRONMENT": "test",
    }
    return await darkroom(house, "doctor", *words, **(own | more))


async def findings(house: House, **more: str) -> tuple[int, dict[str, dict[str, Any]]]:
    ended = await doctor(house, "--json", **more)
    told = json.loads(ended.out)
    assert told["ok"] is (ended.code == 0)
    assert all(each["cure"] for each in told["findings"] if each["state"] == "bad")
    return ended.code, {each["name"]: each for each in told["findings"]}


def bad(found: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, each in found.items() if each["state"] == "bad"}


async def test_a_house_that_is_well(front: House) -> None:
    code, found = await findings(front)
    assert code == 0
    assert {each["state"] for each in found.values()} == {"ok"}, found
    assert list(found) == [
        "settings",
        "database",
        "migrations",
        "clock, database",
        "notifications",
        "webhook endpoints",
        "blobs",
        "free disk",
        "moderation",
        "key, skytells",
        "clock, skytells",
        "models, skytells",
        "webhook URL",
        "webhook URL, 1 MB",
    ]
    assert await front.rows("SELECT * FROM deliveries") == []


async def test_people_get_a_checklist_with_cures(front: House) -> None:
    ended = await doctor(front, SKYTELLS_API_KEY="sk-wrong", APP_URL="")
    assert ended.code == 1
    assert "✓  database" in ended.out
    assert "✗  key, skytells" in ended.out
    assert "→ Correct SKYTELLS_API_KEY." in ended.out
    assert "–  webhook URL " in ended.out


async def test_without_a_database_the_rest_is_still_looked_at(front: House) -> None:
    code, found = await findings(front, DATABASE_URL=f"postgresql://ann:pw@127.0.0.1:{free_port()}/x")
    assert (code, bad(found)) == (1, {"database"})
    assert {name for name, each in found.items() if each["state"] == "skipped"} == SKIPPED_WITHOUT_A_DATABASE
    assert found["webhook URL"]["state"] == "ok"


async def test_without_a_provider_the_rest_is_still_looked_at(front: House) -> None:
    code, found = await findings(front, SKYTELLS_BASE_URL=f"http://127.0.0.1:{free_port()}/v1")
    assert (code, bad(found)) == (1, {"key, skytells"})


async def test_without_a_key_nobody_is_asked(front: House) -> None:
    before = await front.requests()
    code, found = await findings(front, SKYTELLS_API_KEY="")
    assert (code, bad(found)) == (1, {"SKYTELLS_API_KEY"})
    assert {found[f"{what}, skytells"]["state"] for what in ("key", "clock", "models")} == {"skipped"}
    assert await front.requests() == before


ELSEWHERE = {
    "SKYTELLS_API_KEY": "",
    "REPLICATE_API_TOKEN": replicate.KEY,
    "DEFAULT_PROVIDER": "replicate",
    "DEFAULT_MODEL": replicate.MODEL,
    "APP_URL": "",
}


async def test_another_provider_alone_is_looked_at_in_its_own_words(front: House) -> None:
    server = ReplicateServer()
    code, found = await findings(front, REPLICATE_BASE_URL=server.base, **ELSEWHERE)
    assert (code, found["key, replicate"]["state"], found["models, replicate"]["state"]) == (0, "ok", "ok"), found
    assert "key, skytells" not in found
    code, found = await findings(front, REPLICATE_BASE_URL=server.base, **ELSEWHERE | {"REPLICATE_API_TOKEN": "r8_no"})
    assert (code, found["key, replicate"]["cure"]) == (1, "Correct REPLICATE_API_TOKEN")
    code, found = await findings(front, REPLICATE_BASE_URL=server.base, REPLICATE_WEBHOOK_SECRET="!", **ELSEWHERE)
    assert (code, bad(found), found["key, replicate"]["state"]) == (1, {"REPLICATE_WEBHOOK_SECRET"}, "skipped")
    server.close()


async def test_without_a_disk_the_rest_is_still_looked_at(front: House, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("in the way")
    code, found = await findings(front, DARKROOM_DATA=str(tmp_path / "full"))
    assert (code, bad(found)) == (1, {"blobs", "free disk"})


async def test_nobody_at_the_address_is_told_once(front: House) -> None:
    code, found = await findings(front, APP_URL=f"http://127.0.0.1:{free_port()}")
    assert (code, bad(found)) == (1, {"webhook URL"})
    assert found["webhook URL, 1 MB"]["state"] == "skipped"


async def test_unsafe_settings_are_told_like_any_other_fault(front: House) -> None:
    code, found = await findings(front, ENVIRONMENT="production", CORS_ORIGINS="*")
    assert code == 1
    assert {"APP_URL", "SKYTELLS_BASE_URL", "CORS_ORIGINS", "ALLOW_LOCAL_BLOBS"} <= bad(found)


async def test_unreadable_settings_are_told_too(front: House) -> None:
    code, found = await findings(front, PORT="eighty", DATABASE_POOL_SIZE="0")
    assert (code, bad(found)) == (1, {"PORT", "DATABASE_POOL_SIZE"})


async def test_a_deny_list_that_cannot_be_used_is_told(front: House, tmp_path: Path) -> None:
    (tmp_path / "deny.toml").write_text("[crude]\npatterns = ['(']")
    code, found = await findings(front, MODERATION_DENY_FILE=str(tmp_path / "deny.toml"))
    assert (code, bad(found), found["moderation"]["state"]) == (1, {"MODERATION_DENY_FILE"}, "skipped")


async def test_a_delivery_that_was_not_believed_is_explained(front: House, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"id": "pred_1", "status": "succeeded"}\n')
    sent = b'{"id":"pred_1","status":"succeeded"}'
    signature = hmac.new(front.emulator.secret.encode(), sent, hashlib.sha256).hexdigest()
    ended = await doctor(front, "--delivery", str(body), "--signature", f"sha256={signature}")
    assert ended.code == 1
    assert "✓  encoding" in ended.out and "✓  secret" in ended.out
    assert "✗  body" in ended.out and "as compact JSON" in ended.out
    body.write_bytes(sent)
    assert (await doctor(front, "--delivery", str(body), "--signature", signature)).code == 0


async def test_half_a_question_is_refused(front: House, tmp_path: Path) -> None:
    assert (await doctor(front, "--signature", "abc")).code == 2
    missing = await doctor(front, "--delivery", str(tmp_path / "missing"), "--signature", "abc")
    assert (missing.code, "cannot be read" in missing.err) == (2, True)


async def test_the_help_teaches(front: House) -> None:
    told = (await doctor(front, "--help")).out
    for word in ("webhook URL", "Nothing is bought", "Exits 1", "--delivery", "--signature", "--json"):
        assert word in told


async def test_no_secret_is_told(front: House) -> None:
    for words in ((), ("--json",)):
        told = await doctor(front, *words, SKYTELLS_API_KEY="sk-planted-key", MODERATION_API_KEY="mk-planted-key")
        for secret in ("sk-planted-key", "mk-planted-key", front.emulator.secret):
            assert secret not in told.out + told.err


READY = {"DAILY_BUDGET": "20", "SPEND_ALERT_WEBHOOK": "https://alerts.example.com/spent"}
GOING_LIVE = {
    "daily budget",
    "spend alerts",
    "rate limits",
    "moderation",
    "disk watch",
    "outputs",
    "keys",
    "worker",
    "work",
    "books",
    "backups",
    "monitoring",
}


async def test_the_production_checklist_judges_by_the_strict_rules(front: House) -> None:
    ended = await doctor(front, "--production", "--json")
    found = {each["name"]: each for each in json.loads(ended.out)["findings"]}
    assert ended.code == 1
    assert set(found) >= GOING_LIVE
    assert {"APP_URL", "daily budget", "spend alerts", "keys", "worker"} <= bad(found)
    assert "darkroom keys create" in found["keys"]["cure"]


async def test_what_a_running_installation_has_is_ticked_off(house: House) -> None:
    for scope in ("create", "admin"):
        assert (await darkroom(house, "keys", "create", "--owner", "ann", "--scope", scope)).code == 0
    await house.final((await house.create()).json()["id"])
    ended = await doctor(house, "--production", "--json", **READY)
    found = {each["name"]: each for each in json.loads(ended.out)["findings"]}
    ticked = {name for name in GOING_LIVE if found[name]["state"] == "ok"}
    assert GOING_LIVE - ticked == {"outputs", "backups", "monitoring"}, found
