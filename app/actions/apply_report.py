"""What a provider told, applied to the row it is about; the one place where replies, webhooks and polls meet."""

from datetime import datetime

import structlog

from app.db import predictions
from app.db.engine import Transaction
from app.domain.events import Collected, Heard
from app.domain.lifecycle import advance
from app.domain.prediction import File, FileState, Prediction, Status
from app.domain.report import Report
from app.domain.steps import owes
from app.domain.work import Terms, WorkKind
from app.watch import milestones
from app.watch.milestones import End, Milestone

log = structlog.get_logger()


async def apply_report(
    tx: Transaction,
    prediction: Prediction,
    report: Report,
    now: datetime,
    terms: Terms,
    *,
    kept: tuple[File, ...] = (),
) -> Prediction:
    """`prediction` must be locked in `tx`. `kept` are the report's outputs where they came with it."""
    after = advance(prediction, Heard(report), now, terms)
    if kept and _owes_the_same(after, kept):
        after = advance(after, Collected(kept), now, terms)
    await predictions.save(tx, prediction, after)
    log_generation(prediction, after)
    return after


def _owes_the_same(prediction: Prediction, kept: tuple[File, ...]) -> bool:
    sources = [file.source_url for file in prediction.files if file.state is FileState.OWED]
    return owes(prediction, WorkKind.COLLECT) and sources == [file.source_url for file in kept]


def log_generation(before: Prediction | None, after: Prediction) -> None:
    """The `generation` line of a life-cycle step: created, succeeded, failed or canceled, with the latency so far."""
    if before is not None and before.status is after.status:
        return
    if before is not None and not after.status.is_final:
        return
    latency = (after.completed_at or after.created_at) - after.created_at
    milestones.tell(_milestone(before, after, latency.total_seconds()))
    log.info(
        "generation",
        prediction_id=str(after.id),
        provider=after.provider,
        model=after.model,
        status="created" if before is None else after.status.value,
        error_code=after.failure.code.value if after.failure else None,
        latency_ms=round(latency.total_seconds() * 1000),
    )


_ENDS: dict[Status, End] = {
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.CANCELED: "canceled",
}


def _milestone(before: Prediction | None, after: Prediction, seconds: float) -> Milestone:
    return Milestone(
        after.id,
        after.owner,
        after.provider,
        after.model,
        "created" if before is None else _ENDS[after.status],
        seconds,
        after.failure.code.value if after.failure else None,
    )
