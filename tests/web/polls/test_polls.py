"""Polls from memory: the same answers without a query, and never an older one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from app.db import keys
from tests.house import House, eventually_async
from tests.web.steps import begun, database_of, issued, key_for, sold

TRANSACTIONS = "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()"


async def whole(house: House, **headers: str) -> tuple[str, str]:
    """A finished prediction's path, and the key that opens it."""
    made = (await house.create(**headers)).json()
    await sold(house, made["id"], f"sold-{made['id']}")
    return f"/api/predictions/{made['id']}", made["client_token"]


async def test_a_remembered_prediction_is_answered_to_the_byte_as_it_is_read(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, token = await whole(locked, **headers)
    slow = await locked.client.get(path, headers=headers | {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"})
    for credentials in (headers, {"authorization": f"Bearer {token}"}, {"x-api-key": headers["authorization"][7:]}):
        for _ in range(2):
            quick = await locked.client.get(path, headers=credentials)
            assert (quick.status_code, quick.content) == (200, slow.content)
            assert named(quick) == named(slow)
        same = await locked.client.get(path, headers=credentials | {"if-none-match": slow.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert named(same) == named(slow) - {"content-length", "content-type"}


def named(answer: httpx.Response) -> set[str]:
    return set(answer.headers)


async def test_a_poll_of_what_is_remembered_asks_the_database_nothing(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, _ = await whole(locked, **headers)
    await locked.client.get(path, headers=headers)
    before = await queries(locked)
    for _ in range(200):
        assert (await locked.client.get(path, headers=headers)).status_code == 200
    assert await queries(locked) - before < 100


async def queries(house: House) -> int:
    """Transactions of everybody: what listens and what sweeps has some too."""
    return int((await house.rows(TRANSACTIONS))[0]["count"])


async def test_a_change_is_seen_at_once_by_who_polls(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    made = (await locked.create(**headers)).json()
    path = f"/api/predictions/{made['id']}"
    assert (await locked.client.get(path, headers=headers)).json()["status"] == "starting"
    await sold(locked, made["id"], "sold-1")
    await begun(locked, "sold-1")
    await eventually_async(answers(locked, path, headers, lambda found: found.json()["status"] == "processing"))


async def test_who_has_seen_a_newer_state_is_never_shown_an_older_one(locked: House) -> None:
    """As when the web process that he asked before has heard of it sooner than this one."""
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, _ = await whole(locked, **headers)
    first = await locked.client.get(path, headers=headers)
    newer = int(first.headers["etag"].strip('"')) + 5
    async with database_of(locked) as database, database.transaction() as tx:
        await tx.exec_driver_sql("ALTER TABLE predictions DISABLE TRIGGER tells_of_changes")
        await tx.exec_driver_sql(f"UPDATE predictions SET version = {newer}")
        await tx.exec_driver_sql("ALTER TABLE predictions ENABLE TRIGGER tells_of_changes")
    assert (await locked.client.get(path, headers=headers)).headers["etag"] == first.headers["etag"]
    seen = await locked.client.get(path, headers=headers | {"if-none-match": f'"{newer}"'})
    assert seen.status_code == 304
    older = await locked.client.get(path, headers=headers | {"if-none-match": f'"{newer - 1}"'})
    assert older.headers["etag"] == f'"{newer}"'


async def test_a_revoked_key_opens_nothing_from_its_notification_on(locked: House) -> None:
    issue = await issued(locked)
    headers = {"authorization": f"Bearer {issue.key.text}"}
    path, _ = await whole(locked, **headers)
    for _ in range(3):
        assert (await locked.client.get(path, headers=headers)).status_code == 200
    async with database_of(locked) as database, database.transaction() as tx:
        assert await keys.revoke(tx, issue.key.prefix)
    await eventually_async(answers(locked, path, headers, lambda found: found.status_code == 401))


async def test_a_deleted_prediction_is_gone_at_once(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, _ = await whole(locked, **headers)
    await locked.client.get(path, headers=headers)
    async with database_of(locked) as database, database.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM predictions")
    await eventually_async(answers(locked, path, headers, lambda found: found.status_code == 404))


async def test_another_owner_s_key_and_another_token_find_nothing_in_memory_either(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, _ = await whole(locked, **headers)
    other = {"authorization": f"Bearer {await key_for(locked, 'bob')}"}
    for _ in range(2):
        assert (await locked.client.get(path, headers=headers)).status_code == 200
        assert (await locked.client.get(path, headers=other)).status_code == 404
        strange = {"authorization": "Bearer ct_" + "x" * 32}
        assert (await locked.client.get(path, headers=strange)).status_code == 404


async def test_while_nobody_listens_the_database_is_asked(locked: House) -> None:
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    path, _ = await whole(locked, **headers)
    await locked.client.get(path, headers=headers)
    async with cut_off(locked):
        async with database_of(locked) as database, database.transaction() as tx:
            await tx.exec_driver_sql("UPDATE predictions SET version = version + 1, model = 'unheard-of'")
        await eventually_async(answers(locked, path, headers, lambda found: found.json()["model"] == "unheard-of"))


@asynccontextmanager
async def cut_off(house: House) -> AsyncIterator[None]:
    """Whoever listens is thrown out as often as he comes."""

    async def cut() -> None:
        while True:
            await house.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.02)

    task = asyncio.create_task(cut())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def answers(
    house: House, path: str, headers: dict[str, str], fits: Callable[[httpx.Response], bool]
) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return fits(await house.client.get(path, headers=headers))

    return ask


async def test_who_changes_something_here_reads_his_change_here_at_once(locked: House) -> None:
    """Without waiting for a notification, which this test keeps from coming."""
    headers = {"authorization": f"Bearer {await key_for(locked, 'ann')}"}
    made = (await locked.create(**headers)).json()["id"]
    path = f"/api/predictions/{made}"
    async with database_of(locked) as database, database.transaction() as tx:
        await tx.exec_driver_sql("ALTER TABLE predictions DISABLE TRIGGER tells_of_changes")
    try:
        await locked.client.get(path, headers=headers)
        canceled = (await locked.client.post(f"{path}/cancel", headers=headers)).json()
        seen = (await locked.client.get(path, headers=headers)).json()
        assert (seen["status"], seen["updated_at"]) == (canceled["status"], canceled["updated_at"])
    finally:
        async with database_of(locked) as database, database.transaction() as tx:
            await tx.exec_driver_sql("ALTER TABLE predictions ENABLE TRIGGER tells_of_changes")
