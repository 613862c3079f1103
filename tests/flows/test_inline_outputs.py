"""Bytes that exist nowhere else, while storage, the database, a worker or an owner come in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.actions.cancel_prediction import cancel_at_provider, cancel_prediction
from app.actions.fetch_output import Collecting
from app.actions.hear import hear
from app.actions.keep_inline import keep_inline
from app.actions.reconcile import reconcile
from app.actions.resolve_pictures import PictureSources
from app.actions.shared_lists import SharedLists
from app.actions.submit_prediction import submit_prediction
from app.db import predictions
from app.db.engine import Database, Transaction
from app.domain.errors import TemporarilyUnavailable
from app.domain.ports import Provider
from app.domain.prediction import FailureCode, FileState, Prediction, Stage, Status
from app.domain.report import Inline, ProviderState, Report
from app.domain.work import WorkKind
from app.outbound.download import DownloadLimits
from app.storage.errors import StorageUnavailable
from app.storage.inputs import Examiner
from app.storage.local import LocalStore, LocalUpload
from tests.db.rows import change, load, new_row
from tests.house import eventually, eventually_async
from tests.providers.stability.picture_server import PictureServer, picture_server
from tests.providers.stability.samples import PNG, TERMS, data_uri, stability_of

LEASE = timedelta(seconds=25)
PRICE = Decimal("0.03")
SOON = replace(TERMS, cancel_within=timedelta(), adopt_within=timedelta(), look_at_least=timedelta())


class FullStore(LocalStore):
    """Takes nothing the first so many times."""

    refusals = 0

    async def begin(self, key: str) -> LocalUpload:
        if self.refusals:
            self.refusals -= 1
            raise StorageUnavailable("ENOSPC")
        return await super().begin(key)


class Away(Database):
    """Cannot be reached the first so many times."""

    refusals = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        if self.refusals:
            self.refusals -= 1
            raise TemporarilyUnavailable("The database is away for a moment.")
        async with super().transaction() as tx:
            yield tx


@dataclass
class Bench:
    database: Away
    blobs: FullStore
    folder: Path
    server: PictureServer
    provider: Provider
    tools: Collecting
    sources: PictureSources
    lists: SharedLists = field(default_factory=SharedLists)

    async def owed(self, model: str = "stable-image-core", **given: Any) -> Prediction:
        async with self.database.transaction() as tx:
            now = await predictions.time(tx)
            row = replace(new_row(now), provider="stability", model=model, input={"prompt": "a red fox"} | given)
            row = replace(row, price=PRICE, held=PRICE, budget_day=now.date())
            await predictions.add(tx, row)
        return row

    async def submit(self, row: Prediction, *, lease: timedelta = LEASE) -> Prediction:
        providers = {"stability": self.provider}
        await submit_prediction(
            self.database, providers, self.tools, self.sources, row.id, public_url="https://app.example", lease=lease
        )
        return await load(self.database, row)

    async def look(self, row: Prediction) -> Prediction:
        """Now, whatever its clock says."""
        await self.due(row)
        await reconcile(self.database, {"stability": self.provider}, self.lists, self.tools, row.id, lease=LEASE)
        return await load(self.database, row)

    async def due(self, row: Prediction, **changes: Any) -> Prediction:
        known = await load(self.database, row)
        assert known.work is not None
        return await change(self.database, row, work=replace(known.work, due_at=known.created_at, **changes))

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    database, blobs = Away(database_url, pool_size=4), FullStore(tmp_path / "blobs")
    await blobs.prepare()
    async with picture_server() as server, httpx.AsyncClient(trust_env=False) as http:
        limits = DownloadLimits(10**9, 60, 10)
        tools = Collecting(blobs, http, {}, limits, max_pixels=10**8, hold_for=timedelta(seconds=5))
        sources = PictureSources(database, blobs, http, "https://app.example/files", Examiner())
        yield Bench(database, blobs, tmp_path, server, stability_of(http, api=server.url), tools, sources)
    await database.close()


async def test_storage_that_is_full_for_a_moment_costs_nothing_but_time(bench: Bench) -> None:
    bench.blobs.refusals = 2
    ended = await bench.submit(await bench.owed())
    assert (ended.status, ended.captured) == (Status.SUCCEEDED, PRICE)
    assert len(bench.files()) == len(bench.server.sold) == 1


async def test_storage_that_stays_full_loses_the_picture_and_books_it(bench: Bench) -> None:
    bench.blobs.refusals = 1000
    bench.tools = replace(bench.tools, hold_for=timedelta(seconds=1))
    ended = await bench.submit(await bench.owed())
    assert ended.failure is not None and ended.failure.code is FailureCode.OUTPUT_LOST
    assert (ended.captured, ended.work) == (PRICE, None)
    assert len(bench.server.sold) == 1


async def test_a_database_that_is_away_for_a_moment_loses_nothing(bench: Bench) -> None:
    bench.server.gate.clear()
    submitting = asyncio.create_task(bench.submit(await bench.owed()))
    await eventually(lambda: len(bench.server.sold) == 1)
    bench.database.refusals = 2
    bench.server.gate.set()
    ended = await submitting
    assert (ended.status, ended.captured) == (Status.SUCCEEDED, PRICE)
    assert bench.database.refusals == 0


async def test_an_answer_that_nobody_takes_any_more_leaves_no_blob(bench: Bench) -> None:
    bench.server.gate.clear()
    row = await bench.owed()
    submitting = asyncio.create_task(bench.submit(row))
    await eventually(lambda: len(bench.server.sold) == 1)
    await change(bench.database, row, provider_id="another's")
    bench.server.gate.set()
    after = await submitting
    assert (after.provider_id, after.files, bench.files()) == ("another's", (), [])


async def test_an_answer_that_comes_after_the_end_is_stored_and_booked_late(bench: Bench) -> None:
    bench.server.gate.clear()
    row = await bench.owed()
    first = asyncio.create_task(bench.submit(row))
    await eventually(lambda: len(bench.server.sold) == 1)
    await bench.due(row)
    assert (await bench.submit(row)).stage is Stage.WAITING
    await bench.due(row, deadline_at=row.created_at)
    unknown = await bench.look(row)
    assert unknown.failure is not None and unknown.failure.code is FailureCode.PURCHASE_UNKNOWN
    bench.server.gate.set()
    late = await first
    assert (late.status, late.failure, late.captured) == (Status.FAILED, unknown.failure, PRICE)
    assert [file.state for file in late.files] == [FileState.STORED]
    assert len(bench.server.sold) == 1


async def test_a_cancel_that_waits_too_long_for_the_answer_ends_before_it(bench: Bench) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        bench.provider = stability_of(http, api=bench.server.url, terms=SOON)
        bench.server.gate.clear()
        row = await bench.owed()
        submitting = asyncio.create_task(bench.submit(row, lease=timedelta(milliseconds=100)))
        await eventually(lambda: len(bench.server.sold) == 1)
        await cancel_prediction(bench.database, {"stability": bench.provider}, row.id, owner=row.owner)

        async def is_let_go() -> bool:
            known = await load(bench.database, row)
            return known.work is not None and known.work.kind is WorkKind.RECONCILE

        await eventually_async(is_let_go)
        await bench.due(row, deadline_at=row.created_at + timedelta(hours=1))
        ended = await bench.look(row)
        assert (ended.status, ended.captured) == (Status.CANCELED, None)
        bench.server.gate.set()
        late = await submitting
    assert (late.status, late.captured) == (Status.CANCELED, PRICE)
    assert [file.state for file in late.files] == [FileState.STORED]
    assert len(bench.files()) == 1


async def test_a_job_is_polled_until_its_picture_is_there(bench: Bench) -> None:
    row = await bench.owed("upscale-creative", image=data_uri())
    taken = await bench.submit(row)
    assert (taken.stage, taken.provider_id) == (Stage.WAITING, f"{1:064x}")
    assert taken.work is not None and taken.work.due_at - taken.updated_at >= timedelta(seconds=10)
    running = await bench.look(row)
    assert running.stage is Stage.RUNNING
    assert running.work is not None and running.work.due_at - running.updated_at >= timedelta(seconds=10)
    ended = await bench.look(row)
    assert (ended.status, ended.billed, ended.captured) == (Status.SUCCEEDED, Decimal("0.60"), Decimal("0.60"))
    assert [path.read_bytes() for path in bench.files()] == [PNG]


async def test_a_jobs_picture_is_asked_for_again_while_storage_is_full(bench: Bench) -> None:
    bench.server.looks, bench.blobs.refusals = 0, 1
    row = await bench.owed("upscale-creative", image=data_uri())
    await bench.submit(row)
    waiting = await bench.look(row)
    assert (waiting.stage, waiting.files) == (Stage.WAITING, ())
    assert (await bench.look(row)).status is Status.SUCCEEDED


async def test_and_is_lost_and_booked_once_there_is_no_time_left(bench: Bench) -> None:
    bench.server.looks, bench.blobs.refusals = 0, 1
    row = await bench.owed("upscale-creative", image=data_uri())
    await bench.submit(row)
    await bench.due(row, deadline_at=row.created_at)
    ended = await bench.look(row)
    assert ended.failure is not None and ended.failure.code is FailureCode.OUTPUT_LOST
    assert ended.captured == Decimal("0.60")


async def test_a_cancel_of_a_job_that_has_ended_brings_its_picture(bench: Bench) -> None:
    bench.server.looks = 0
    row = await bench.owed("upscale-creative", image=data_uri())
    await bench.submit(row)
    providers = {"stability": bench.provider}
    await cancel_prediction(bench.database, providers, row.id, owner=row.owner)
    await cancel_at_provider(bench.database, providers, bench.tools, row.id, lease=LEASE)
    ended = await load(bench.database, row)
    assert (ended.status, len(bench.files())) == (Status.SUCCEEDED, 1)


BAD: dict[str, tuple[Inline, FailureCode]] = {
    "a page": (Inline(b"<html><script>alert(1)</script>"), FailureCode.OUTPUT_REJECTED),
    "nothing": (Inline(b""), FailureCode.OUTPUT_LOST),
    "half a picture": (Inline(PNG[: len(PNG) // 2], proven_whole=False), FailureCode.OUTPUT_LOST),
}


@pytest.mark.parametrize(("inline", "code"), BAD.values(), ids=BAD)
async def test_what_is_no_whole_picture_is_not_kept_and_booked(bench: Bench, inline: Inline, code: FailureCode) -> None:
    row = await bench.owed()
    report = Report("theirs", ProviderState.SUCCEEDED, billed=PRICE, inline=(Inline(PNG), inline))
    kept = await keep_inline(bench.tools, report)
    ended = await hear(bench.database, bench.provider, bench.tools, row.id, kept)
    assert ended is not None and ended.failure is not None and ended.failure.code is code
    assert [file.state for file in ended.files] == [FileState.STORED, FileState.LOST]
    assert (ended.captured, len(bench.files())) == (PRICE, 1)


async def test_hearing_twice_is_as_good_as_once(bench: Bench) -> None:
    row = await bench.owed()
    report = Report("theirs", ProviderState.SUCCEEDED, billed=PRICE, inline=(Inline(PNG),))
    first, second = await keep_inline(bench.tools, report), await keep_inline(bench.tools, report)
    for kept in (first, first, second):
        ended = await hear(bench.database, bench.provider, bench.tools, row.id, kept)
        assert ended is not None and ended.status is Status.SUCCEEDED
        assert ended.files[0].stored == first.files[0].stored
    assert len(bench.files()) == 1


async def test_a_prediction_that_is_gone_leaves_no_blob(bench: Bench) -> None:
    report = Report("theirs", ProviderState.SUCCEEDED, inline=(Inline(PNG),))
    kept = await keep_inline(bench.tools, report)
    assert await hear(bench.database, bench.provider, bench.tools, UUID(int=1), kept) is None
    assert bench.files() == []
