from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.db import predictions
from app.db.engine import Database
from app.db.predictions import LeaseLost
from app.domain.prediction import Failure, FailureCode, File, FileState, Stage, Status, StoredFile, Webhook
from app.domain.work import Work, WorkKind
from tests.db.rows import add_prediction, change, load


async def test_a_prediction_comes_back_as_it_was_added(database: Database) -> None:
    made = await add_prediction(database)
    assert await load(database, made) == made


async def test_everything_an_event_can_change_comes_back(database: Database) -> None:
    made = await add_prediction(database)
    stored = StoredFile("k" * 32 + ".png", "image/png", 12, "ab" * 32, 3, 4)
    lost = Failure(FailureCode.OUTPUT_LOST, "gone")
    changed = replace(
        made,
        status=Status.FAILED,
        stage=Stage.DONE,
        version=2,
        provider_id="p-1",
        started_at=made.created_at,
        reported_at=made.created_at,
        completed_at=made.created_at + timedelta(seconds=2),
        predict_time=1.5,
        billed=Decimal("0.030000"),
        webhook=Webhook("https://example.com/hook", ("completed",)),
        failure=Failure(FailureCode.OUTPUT_LOST, "one is gone", "E1"),
        files=(
            File(0, "https://cdn/0", FileState.STORED, stored),
            File(1, "https://cdn/1", FileState.LOST, None, lost),
        ),
        work=None,
    )
    async with database.transaction() as tx:
        await predictions.save(tx, made, changed)
    assert await load(database, made) == changed


async def test_every_save_grows_the_version_and_a_save_of_nothing_does_not(database: Database) -> None:
    made = await add_prediction(database)
    async with database.transaction() as tx:
        await predictions.save(tx, made, made)
    assert (await load(database, made)).version == 1
    assert (await change(database, made, stage=Stage.WAITING)).version == 2


async def test_a_save_by_a_lost_attempt_changes_nothing(database: Database) -> None:
    made = await add_prediction(database)
    with pytest.raises(LeaseLost):
        async with database.transaction() as tx:
            await predictions.save(tx, made, replace(made, stage=Stage.WAITING), token=made.id)
    assert await load(database, made) == made


async def test_a_report_finds_its_row_by_the_provider_s_id_or_an_unbound_row_by_its_token(database: Database) -> None:
    bound = await change(database, await add_prediction(database), provider_id="p-1")
    early = await add_prediction(database)

    async def found(provider_id: str, token: str | None) -> object:
        async with database.transaction() as tx:
            row = await predictions.lock_reported(tx, "skytells", provider_id, token)
        return row and row.prediction.id

    assert await found("p-1", None) == bound.id
    assert await found("p-2", early.callback_token) == early.id
    assert await found("p-1", early.callback_token) == bound.id
    assert await found("p-2", bound.callback_token) is None
    assert await found("p-2", None) is None


async def test_work_due_later_makes_no_job_and_work_due_now_one_in_the_same_transaction(database: Database) -> None:
    async def jobs() -> int:
        async with database.transaction() as tx:
            rows = await tx.exec_driver_sql("SELECT count(*) FROM jobs.pgqueuer")
            return int(rows.scalar_one())

    await add_prediction(database, due_in=timedelta(minutes=1))
    assert await jobs() == 0
    made = await add_prediction(database)
    assert await jobs() == 1
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            work = Work(WorkKind.COLLECT, made.created_at, made.created_at)
            await predictions.save(tx, made, replace(made, work=work))
            raise ZeroDivisionError
    assert await jobs() == 1
