"""Cancel: the owner's wish, noted at once, and owed to the provider until it confirms or a minute has passed."""

from datetime import timedelta
from uuid import UUID

from app.actions.apply_report import log_generation
from app.actions.conclude import Told, conclude
from app.actions.discard import discard
from app.actions.fetch_output import Collecting
from app.actions.hear import hear
from app.actions.keep_inline import keep_inline
from app.db import exchanges, journal, owed, predictions
from app.db.engine import Database, Transaction
from app.domain.errors import AlreadyFinished, PredictionNotFound
from app.domain.events import CancelAsked, GaveUp, Looked
from app.domain.lifecycle import advance
from app.domain.ports import NotKnown, Provider, Providers, Unavailable
from app.domain.prediction import Prediction, Stage
from app.domain.report import Report
from app.domain.work import WorkKind
from app.watch.exchanges import Exchange, recorded


async def cancel_prediction(database: Database, providers: Providers, prediction_id: UUID, *, owner: str) -> Prediction:
    """The prediction, canceled or canceling. Raises PredictionNotFound or AlreadyFinished; twice is as good as once."""
    async with database.transaction() as tx:
        before = await predictions.lock(tx, prediction_id)
        if before is None or before.owner != owner:
            raise PredictionNotFound("There is no such prediction.")
        if before.status.is_final or before.stage is Stage.STORING:
            raise AlreadyFinished("The provider has finished it; there is nothing left to cancel.")
        now = await predictions.time(tx)
        after = advance(before, CancelAsked(), now, providers[before.provider].terms)
        await predictions.save(tx, before, after)
        if after is not before:
            journal.note(tx, before.id, "cancel", outcome="asked for by its owner")
        saved = await predictions.load(tx, prediction_id)
    log_generation(before, after)
    return saved or after


async def cancel_at_provider(
    database: Database, providers: Providers, tools: Collecting, prediction_id: UUID, *, lease: timedelta
) -> None:
    """Ask it to stop, then look what came of it: a race with its own end is normal."""
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.CANCEL, lease)
    if claim is None or claim.prediction.provider_id is None:
        return
    provider, retry_after = providers[claim.prediction.provider], None
    said: list[Exchange] = []
    try:
        with recorded(said, "cancel", claim.prediction.callback_token):
            await provider.cancel(claim.prediction.provider_id, claim.prediction.model)
            report = await provider.fetch(claim.prediction.provider_id, claim.prediction.model)
    except Unavailable as trouble:
        outcome, retry_after = str(trouble), trouble.retry_after
    except NotKnown:
        outcome = "not known there"
    else:
        outcome = await _heard(database, provider, tools, prediction_id, report, said=said)
    late = claim.now >= claim.work.deadline_at
    note = Told("cancel", {"outcome": f"asked there: {outcome}"})
    await conclude(database, provider, claim, GaveUp() if late else Looked(retry_after), [note], said=said)


async def _heard(
    database: Database,
    provider: Provider,
    tools: Collecting,
    prediction_id: UUID,
    report: Report,
    *,
    said: list[Exchange],
) -> str:
    """What is said is kept at once: an end that is heard takes the work away."""
    kept = await keep_inline(tools, report)
    if kept.waits:
        await discard(tools.blobs, kept.files, kept=())
        return "waits for storage"

    async def besides(tx: Transaction, prediction: Prediction) -> Prediction:
        await exchanges.keep(tx, prediction.id, said)
        return prediction

    await hear(database, provider, tools, prediction_id, kept, besides=besides)
    said.clear()
    return report.state.value
