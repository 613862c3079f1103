"""API keys: what opens, for whom, until when, and what they leave in the database."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.actions.issue_key import IssuedKey, RotatedKey, issue_key, list_keys, revoke_key, rotate_key
from app.db import keys
from app.db.engine import Database
from app.domain.caller import Budgets, Caller, Scope
from app.domain.grants import Grant

DAY = timedelta(days=1)
GRANT = Grant(frozenset({Scope.CREATE}), "30/minute", 50, Budgets(Decimal(5), Decimal("50.25"), Decimal("100.000001")))


async def caller_of(database: Database, text: str) -> Caller | None:
    async with database.transaction() as tx:
        return await keys.find_caller(tx, text)


async def opens(database: Database, *texts: str) -> list[bool]:
    return [await caller_of(database, text) is not None for text in texts]


async def rotated(database: Database, issued: IssuedKey, grace: timedelta = DAY) -> RotatedKey:
    made = await rotate_key(database, str(issued.id), grace)
    assert made is not None
    return made


async def execute(database: Database, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.exec_driver_sql(statement)


async def used(database: Database) -> datetime | None:
    (key,) = await list_keys(database)
    return key.last_used_at


async def test_a_key_opens_for_its_owner_until_it_is_revoked(database: Database) -> None:
    issued = await issue_key(database, owner="ann", name="laptop")
    found = await caller_of(database, issued.key.text)
    assert found == Caller("ann", issued.id, frozenset({Scope.CREATE, Scope.READ}))
    assert await revoke_key(database, issued.key.prefix)
    assert await caller_of(database, issued.key.text) is None
    assert not await revoke_key(database, str(issued.id))


async def test_a_caller_has_what_his_key_was_given(database: Database) -> None:
    issued = await issue_key(database, owner="ann", grant=GRANT)
    expected = Caller("ann", issued.id, GRANT.scopes, GRANT.rate_limit, GRANT.max_unfinished, GRANT.budgets)
    assert await caller_of(database, issued.key.text) == expected
    assert [each.grant for each in await list_keys(database)] == [GRANT]


async def test_a_key_from_before_there_were_scopes_has_them_all(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    await execute(database, "UPDATE api_keys SET scopes = DEFAULT")
    assert await caller_of(database, issued.key.text) == Caller("ann", issued.id)


async def test_a_scope_that_this_release_does_not_know_opens_nothing(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    await execute(database, "UPDATE api_keys SET scopes = '{read,fly}'")
    found = await caller_of(database, issued.key.text)
    assert found is not None and found.scopes == {Scope.READ}


async def test_only_the_whole_key_opens(database: Database) -> None:
    key, other = [(await issue_key(database, owner="ann")).key for _ in range(2)]
    wrong = [
        "",
        "dk_",
        "dk_\x00",
        "dk_\x001234567_x",
        "dk_ü",
        key.text[:-1],
        key.text + "x",
        key.text + " ",
        key.text.upper(),
        key.text.removeprefix("dk_"),
        f"dk_{key.prefix}_",
        f"dk_{key.prefix}_{other.secret}",
        f"dk_{other.prefix}_{key.secret}",
        f"dk_{key.prefix}{key.secret}",
    ]
    assert not any(await opens(database, *wrong))


async def test_a_key_is_stored_hashed_and_not_in_a_repr(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    renewed = await rotated(database, issued)
    async with database.transaction() as tx:
        rows = (await tx.exec_driver_sql("SELECT to_jsonb(api_keys)::text FROM api_keys")).scalars().all()
    for text in (*rows, repr(issued), repr(renewed), repr(await list_keys(database))):
        assert issued.key.secret not in text
        assert renewed.key.secret not in text


async def test_a_rotated_key_stays_the_same_caller_under_both_secrets(database: Database) -> None:
    issued = await issue_key(database, owner="ann", grant=GRANT)
    before = await caller_of(database, issued.key.text)
    renewed = await rotated(database, issued)
    assert renewed.id == issued.id
    assert await caller_of(database, issued.key.text) == await caller_of(database, renewed.key.text) == before


async def test_the_old_secret_opens_until_its_grace_ends(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    renewed = await rotated(database, issued)
    await execute(database, "UPDATE api_keys SET previous_until = now() + interval '1 second'")
    assert await opens(database, issued.key.text, renewed.key.text) == [True, True]
    await execute(database, "UPDATE api_keys SET previous_until = now()")
    assert await opens(database, issued.key.text, renewed.key.text) == [False, True]


async def test_without_grace_the_old_secret_ends_at_once(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    renewed = await rotated(database, issued, timedelta())
    assert await opens(database, issued.key.text, renewed.key.text) == [False, True]


async def test_a_second_rotation_ends_the_secret_before_the_last(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    second = await rotated(database, issued)
    third = await rotated(database, issued)
    assert await opens(database, issued.key.text, second.key.text, third.key.text) == [False, True, True]


async def test_two_secrets_are_not_mixed(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    renewed = await rotated(database, issued)
    mixed = (f"dk_{issued.key.prefix}_{renewed.key.secret}", f"dk_{renewed.key.prefix}_{issued.key.secret}")
    assert await opens(database, *mixed) == [False, False]


@pytest.mark.parametrize("by", ["id", "old prefix", "new prefix"])
async def test_a_revoked_key_is_closed_to_both_secrets(database: Database, by: str) -> None:
    issued = await issue_key(database, owner="ann")
    renewed = await rotated(database, issued)
    names = {"id": str(issued.id), "old prefix": issued.key.prefix, "new prefix": renewed.key.prefix}
    assert await revoke_key(database, names[by])
    assert await opens(database, issued.key.text, renewed.key.text) == [False, False]
    assert await rotate_key(database, str(issued.id), DAY) is None


async def test_what_is_not_there_is_not_rotated(database: Database) -> None:
    await issue_key(database, owner="ann")
    for name in ("", "00000000", str(uuid4()), "nonsense"):
        assert await rotate_key(database, name, DAY) is None


async def test_a_use_is_noted_at_most_once_a_minute(database: Database) -> None:
    key = (await issue_key(database, owner="ann")).key.text
    assert await used(database) is None
    await caller_of(database, key)
    first = await used(database)
    await caller_of(database, key)
    assert await used(database) == first
    await execute(database, "UPDATE api_keys SET last_used_at = now() - interval '61 seconds'")
    await caller_of(database, key)
    latest = await used(database)
    assert first is not None and latest is not None and latest > first


async def test_a_wrong_key_is_no_use(database: Database) -> None:
    key = (await issue_key(database, owner="ann")).key
    await opens(database, key.text + "x", f"dk_{key.prefix}_")
    assert await used(database) is None


async def test_noting_a_use_waits_for_nobody(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    async with database.transaction() as holder:
        await holder.exec_driver_sql("SELECT 1 FROM api_keys FOR UPDATE")
        async with asyncio.timeout(60):
            assert await opens(database, issued.key.text) == [True]
    assert await used(database) is None


async def test_a_key_opens_where_nothing_can_be_written(database: Database) -> None:
    key = (await issue_key(database, owner="ann")).key.text
    async with database.transaction() as tx:
        await tx.exec_driver_sql("SET TRANSACTION READ ONLY")
        assert await keys.find_caller(tx, key) is not None


async def test_ids_are_no_secret_and_open_nothing(database: Database) -> None:
    issued = await issue_key(database, owner="ann")
    assert isinstance(issued.id, UUID)
    assert not any(await opens(database, str(issued.id), f"dk_{issued.key.prefix}_{issued.id}"))
