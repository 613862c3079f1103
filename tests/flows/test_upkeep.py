"""What keeps the house right by itself, and what those who run it can do."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.actions.adopt import adopt
from app.actions.apply_waiting import apply_waiting
from app.actions.catch_up import catch_up
from app.actions.handle_deliveries import attach_delivery, list_deliveries, reopen_prediction, replay_delivery
from app.actions.shared_lists import SharedLists
from app.actions.sweep_orphans import sweep_orphans
from app.bootstrap import Services, open_services
from app.db import owed, pauses
from app.domain.errors import NotAttachable
from app.domain.ports import Listed
from app.domain.report import ProviderState, Report
from app.domain.work import WorkKind
from app.settings import Settings
from app.storage.keys import new_key
from tests.db.rows import add_prediction, change, load
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened:
        yield opened


async def test_a_blob_that_no_row_names_is_removed_once_it_is_old(house: House, services: Services) -> None:
    final = await house.final((await house.create()).json()["id"])
    upload = await services.blobs.begin(new_key("png"))
    await upload.write(b"nobody's")
    orphan = (await upload.commit()).key
    past = datetime.now(UTC).timestamp() - 100
    for key in (orphan, final["output"][0].rpartition("/")[2]):
        place = services.blobs.local_path(key)
        assert place is not None
        os.utime(place, (past, past))

    assert await sweep_orphans(services.database, services.blobs, older_than=200) == 0
    assert await sweep_orphans(services.database, services.blobs, older_than=50) == 1
    assert await services.blobs.size(orphan) is None
    assert (await house.client.get(final["output"][0])).status_code == 200


async def test_a_delivery_that_came_before_its_prediction_is_matched_later(front: House, services: Services) -> None:
    early = await front.deliver({"id": "p-early", "status": "processing"})
    assert early.json() == {"received": True, "matched": False}
    assert await apply_waiting(services.database, services.providers) == 0
    made = await change(services.database, await add_prediction(services.database), provider_id="p-early")
    assert await apply_waiting(services.database, services.providers) == 1
    assert (await load(services.database, made)).status == "processing"
    assert await apply_waiting(services.database, services.providers) == 0


async def test_an_orphan_is_given_its_prediction_by_hand(front: House, services: Services) -> None:
    await front.deliver({"id": "p-9", "status": "processing"})
    (orphan,) = await list_deliveries(services.database, limit=10, only_pending=True)
    assert not await replay_delivery(services.database, services.providers, orphan.id)
    made = await add_prediction(services.database)
    after = await attach_delivery(services.database, services.providers, orphan.id, made.id)
    assert (after.provider_id, after.stage) == ("p-9", "running")
    assert await list_deliveries(services.database, limit=10, only_pending=True) == []
    other = await change(services.database, await add_prediction(services.database), provider_id="p-10")
    with pytest.raises(NotAttachable):
        await attach_delivery(services.database, services.providers, orphan.id, other.id)


async def test_a_worker_looks_at_everything_that_waits_as_soon_as_it_is_back(services: Services) -> None:
    made = await add_prediction(services.database, kind=WorkKind.RECONCILE, due_in=timedelta(minutes=10))
    await catch_up(services.database, services.providers)
    work = (await load(services.database, made)).work
    assert work
    assert work.due_at - made.created_at < timedelta(seconds=10)


async def test_a_pause_of_the_provider_is_everybody_s_and_the_longer_one_wins(services: Services) -> None:
    async with services.database.transaction() as tx:
        assert await pauses.time_left(tx, "skytells") is None
        await pauses.pause(tx, "skytells", timedelta(seconds=30))
        await pauses.pause(tx, "skytells", timedelta(seconds=5))
        left = await pauses.time_left(tx, "skytells")
    assert left is not None and left > timedelta(seconds=20)


async def test_a_limited_look_pauses_all_looks(house: House) -> None:
    await house.faults(drop=1, get_429={"share": 1, "seconds": 3, "times": 1})
    ids = [(await house.create(f"fox {number}")).json()["id"] for number in range(3)]
    finals = await asyncio.gather(*(house.final(prediction_id) for prediction_id in ids))
    assert {final["status"] for final in finals} == {"succeeded"}
    assert (await house.rows("SELECT count(*) AS paused FROM provider_pauses"))[0]["paused"] == 1


async def test_one_failed_look_is_not_everybody_s(house: House) -> None:
    await house.faults(drop=1, get_500={"share": 1, "times": 1})
    final = await house.final((await house.create()).json()["id"])
    assert final["status"] == "succeeded"
    assert (await house.rows("SELECT count(*) AS paused FROM provider_pauses"))[0]["paused"] == 0


async def test_searches_at_one_time_share_one_reading_of_the_list(house: House, services: Services) -> None:
    provider, lists, now = services.providers["skytells"], SharedLists(), datetime.now(UTC)

    async def reading(since: datetime = now, *, anew: bool = False) -> Sequence[Listed]:
        return await lists.read(provider, "truefusion-pro", since, anew=anew)

    first, *others = await asyncio.gather(*(reading() for _ in range(20)))
    assert all(other is first for other in others)
    assert await reading(anew=True) is not first
    assert await reading(now - timedelta(minutes=1)) is not first


def entry(provider_id: str, created_at: datetime, prompt: str = "a red fox", **more: str) -> Listed:
    given = {"prompt": prompt, "seed": 7, "guidance": 3.5, "tags": ["ü", None]}
    return Listed(Report(provider_id, ProviderState.RUNNING), more.get("callback_url"), created_at, given)


async def test_one_single_unclaimed_candidate_is_adopted_and_two_are_not(services: Services) -> None:
    database = services.database
    made = await add_prediction(database, kind=WorkKind.RECONCILE)
    searching = await change(database, made, asked_at=made.created_at)
    await change(database, await add_prediction(database), provider_id="claimed")
    now, old = made.created_at, made.created_at - timedelta(hours=1)
    others = [entry("claimed", now), entry("old", old), entry("x", now, "a dog"), entry("y", now, callback_url="else")]

    assert await adopt(database, searching, others) is None
    found = await adopt(database, searching, [*others, entry("mine", now)])
    assert found is not None and found.provider_id == "mine"
    assert await adopt(database, searching, [entry("mine", now), entry("or this", now)]) is None
    ours = f"https://where-we-were.example/api/webhooks/skytells?t={searching.callback_token}"
    echoed = await adopt(database, searching, [*others, entry("echo", old, callback_url=ours)])
    assert echoed is not None and echoed.provider_id == "echo"


async def test_while_two_search_no_candidate_is_anybody_s(services: Services) -> None:
    for _ in range(2):
        made = await add_prediction(services.database, kind=WorkKind.RECONCILE)
        searching = await change(services.database, made, asked_at=made.created_at)
    assert await adopt(services.database, searching, [entry("mine", made.created_at)]) is None


async def test_only_an_unsure_end_is_looked_for_again(house: House, services: Services) -> None:
    final = await house.final((await house.create()).json()["id"])
    async with services.database.transaction() as tx:
        assert await owed.longest_overdue(tx) < timedelta(seconds=30)
    with pytest.raises(NotAttachable):
        await reopen_prediction(services.database, services.providers, UUID(final["id"]))


async def test_looks_that_fail_give_nothing_up(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    settings = settings.model_copy(update={"adopt_within_seconds": 1})
    async with open_house(settings, fresh_emulator) as house:
        await house.faults(reply_cut=1, drop=1, list_502={"share": 1, "times": 3})
        final = await house.final((await house.create()).json()["id"])
        assert (final["status"], final["error"]) == ("succeeded", None)
        assert len(await house.ledger()) == 1
