"""What is counted of a prediction's life, from what a change made of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select

from app.db.engine import Transaction
from app.db.tables import events
from app.db.tallies import Tally
from app.db.writes import written
from app.domain.prediction import FailureCode, FileState, Prediction, Stage
from app.domain.stage_times import bucket_of, stage_times


def of_new(prediction: Prediction) -> Tally:
    return Tally("predictions", (prediction.provider, prediction.model, "created", ""))


async def of_change(tx: Transaction, before: Prediction, after: Prediction) -> list[Tally]:
    """Its end, once; outputs that are lost now; what was captured. The journal need not have been told of it yet."""
    found = [*_lost(before, after), *_captured(before, after)]
    if not before.status.is_final and after.status.is_final:
        entered = [*await _stages(tx, after), (after.stage.value, after.updated_at)]
        found += _ended(after, stage_times(entered))
    return found


def _ended(after: Prediction, times: Mapping[str, float]) -> Iterator[Tally]:
    code = after.failure.code.value if after.failure else ""
    yield Tally("predictions", (after.provider, after.model, after.status.value, code))
    for stage, seconds in times.items():
        yield Tally("stage_seconds", (after.provider, stage), seconds, bucket_of(seconds))


async def _stages(tx: Transaction, prediction: Prediction) -> list[tuple[str, datetime]]:
    """As they were entered: some rows of the journal, by its index."""
    await written(tx)
    return [(name, at) for name, at in await tx.execute(_STAGES, {"subject": prediction.id})]


_STAGES = (
    select(func.coalesce(events.c.detail["stage"].astext, Stage.QUEUED.value), events.c.at)
    .where(events.c.prediction_id == bindparam("subject"), events.c.kind.in_(["created", "changed"]))
    .order_by(events.c.id)
)


def _lost(before: Prediction, after: Prediction) -> Iterator[Tally]:
    known = {file.position for file in before.files if file.state is FileState.LOST}
    for file in after.files:
        is_lost = file.failure is not None and file.failure.code is FailureCode.OUTPUT_LOST
        if file.state is FileState.LOST and is_lost and file.position not in known:
            yield Tally("outputs_lost", (after.provider,))


def _captured(before: Prediction, after: Prediction) -> Iterator[Tally]:
    more = (after.captured or 0) - (before.captured or 0)
    if more > 0:
        yield Tally("usd_captured", (after.provider, after.model), float(more))
