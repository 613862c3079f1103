"""Predictions for tests of the database."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from app.db import predictions
from app.db.engine import Database
from app.domain.ids import uuid7
from app.domain.prediction import Prediction
from app.domain.work import Work, WorkKind


def new_row(
    now: datetime, *, kind: WorkKind = WorkKind.SUBMIT, due_in: timedelta = timedelta(), owner: str = "ann"
) -> Prediction:
    return Prediction(
        id=uuid7(now),
        owner=owner,
        provider="skytells",
        model="truefusion",
        input={"prompt": "a red fox", "seed": 7, "guidance": 3.5, "tags": ["ü", None]},
        metadata={"order": 12},
        created_at=now,
        updated_at=now,
        callback_token=secrets.token_urlsafe(8),
        client_token="ct_" + secrets.token_urlsafe(8),
        work=Work(kind, due_at=now + due_in, deadline_at=now + timedelta(hours=1)),
    )


async def add_prediction(
    database: Database, *, kind: WorkKind = WorkKind.SUBMIT, due_in: timedelta = timedelta(), owner: str = "ann"
) -> Prediction:
    async with database.transaction() as tx:
        made = new_row(await predictions.time(tx), kind=kind, due_in=due_in, owner=owner)
        await predictions.add(tx, made)
    return made


async def load(database: Database, prediction: Prediction) -> Prediction:
    async with database.transaction() as tx:
        found = await predictions.load(tx, prediction.id)
    assert found is not None
    return found


async def change(database: Database, prediction: Prediction, **changes: object) -> Prediction:
    async with database.transaction() as tx:
        before = await predictions.lock(tx, prediction.id)
        assert before is not None
        after = replace(before, **changes)  # type: ignore[arg-type]
        await predictions.save(tx, before, after)
    return await load(database, prediction)
