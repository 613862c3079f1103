"""`darkroom keys`: made, listed, rotated; what cannot be meant is refused in a sentence."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.test_commands import darkroom
from tests.house import House

GENEROUS = (
    *("--owner", "ann", "--name", "laptop", "--scope", "read", "--scope", "admin"),
    *("--rate-limit", "30/minute", "--max-unfinished", "50", "--no-retry-guard"),
    *("--daily-budget", "5", "--monthly-budget", "50.5", "--total-budget", "100"),
)
GRANTED = {
    "scopes": ["admin", "read"],
    "rate_limit": "30/minute",
    "max_unfinished": 50,
    "retry_guard": False,
    "daily_budget": "5",
    "monthly_budget": "50.5",
    "total_budget": "100",
}


async def opens(house: House, key: str) -> bool:
    return (await house.client.get("/api/predictions", headers={"x-api-key": key})).status_code == 200


async def test_a_key_is_made_with_what_it_may_do_and_listed_with_it(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", *GENEROUS, "--json")).out)
    assert made == {"id": made["id"], "key": made["key"], "owner": "ann", "name": "laptop"} | GRANTED
    assert await opens(front, made["key"])
    (listed,) = json.loads((await darkroom(front, "keys", "list", "--json")).out)
    assert listed == listed | {"id": made["id"], "owner": "ann", "name": "laptop"} | GRANTED
    assert listed["last_used_at"] and listed["revoked_at"] is None
    table = (await darkroom(front, "keys", "list")).out
    for word in ("ann", "laptop", "admin", "30/minute", "50.5", "open", "retry guard"):
        assert word in table
    assert made["key"].split("_", 2)[2] not in table


async def test_a_plain_key_creates_and_reads_within_the_service_s_limits(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", "--json")).out)
    assert (made["owner"], made["scopes"], made["rate_limit"]) == ("default", ["create", "read"], None)
    assert (made["max_unfinished"], made["daily_budget"], made["retry_guard"]) == (None, None, True)
    assert "never" in (await darkroom(front, "keys", "list")).out


async def test_a_key_is_rotated_with_a_grace_for_its_old_secret(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", "--json")).out)
    rotated = json.loads((await darkroom(front, "keys", "rotate", made["id"], "--grace", "2h", "--json")).out)
    assert rotated["id"] == made["id"]
    until = datetime.fromisoformat(rotated["previous_until"])
    assert timedelta(minutes=110) < until - datetime.now(UTC) <= timedelta(hours=2)
    assert await opens(front, made["key"]) and await opens(front, rotated["key"])
    assert "old secret" in (await darkroom(front, "keys", "list")).out


async def test_a_key_is_rotated_at_once_and_can_be_named_by_itself(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", "--json")).out)
    ended = await darkroom(front, "keys", "rotate", made["key"], "--grace", "0")
    assert "opens nothing any more" in ended.err
    assert not await opens(front, made["key"])
    assert await opens(front, ended.out.strip())
    assert made["key"].split("_", 2)[2] not in ended.out + ended.err


async def test_what_is_not_open_is_not_rotated(front: House) -> None:
    made = json.loads((await darkroom(front, "keys", "create", "--json")).out)
    await darkroom(front, "keys", "revoke", made["id"])
    for name in (made["key"], "00000000"):
        ended = await darkroom(front, "keys", "rotate", name)
        assert (ended.code, "no open key" in ended.err) == (1, True)
        assert made["key"].split("_", 2)[2] not in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scope", "everything"), "is not one of 'create', 'read', 'admin'"),
        (("--rate-limit", "10"), "such as 10/minute"),
        (("--max-unfinished", "-1"), "greater than or equal to 0"),
        (("--daily-budget", "-5"), "is no amount of USD"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_cure(front: House, words: tuple[str, str], said: str) -> None:
    ended = await darkroom(front, "keys", "create", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.replace("│", " ").split()), ended.err
    assert await front.rows("SELECT id FROM api_keys") == []
