"""For those who run the service: look through kept deliveries, apply one again, give an orphan its prediction."""

from dataclasses import replace
from uuid import UUID

from app.actions.apply_delivery import apply_delivery, or_set_aside
from app.actions.apply_report import apply_report
from app.db import inbox, journal, predictions
from app.db.engine import Database, Transaction
from app.db.inbox import Delivery, Kept
from app.domain.errors import DeliveryNotFound, NotAttachable, PredictionNotFound
from app.domain.ports import Provider, Providers, UnreadableDelivery
from app.domain.prediction import Prediction
from app.domain.report import Report
from app.domain.settling import reopened


async def list_deliveries(
    database: Database, *, limit: int, only_pending: bool, before: UUID | None = None
) -> list[Kept]:
    async with database.transaction() as tx:
        return await inbox.latest(tx, limit=limit, only_pending=only_pending, before=before)


async def read_delivery(database: Database, delivery_id: UUID) -> Kept:
    """Raises DeliveryNotFound."""
    async with database.transaction() as tx:
        kept = await inbox.find(tx, delivery_id)
    if kept is None:
        raise DeliveryNotFound("There is no such delivery.")
    return kept


async def replay_delivery(database: Database, providers: Providers, delivery_id: UUID) -> bool:
    """Applied once more, as if it came now. False if no prediction is known for it. Raises DeliveryNotFound,
    NotAttachable."""
    kept = await read_delivery(database, delivery_id)
    provider, report = _report(kept, providers)
    delivery = Delivery(kept.id, kept.provider, kept.provider_id, kept.body)

    async def apply(tx: Transaction) -> bool:
        return await apply_delivery(tx, provider, delivery, report, in_turn=False) == "applied"

    return await or_set_aside(database, delivery, apply, otherwise=True)


async def attach_delivery(
    database: Database, providers: Providers, delivery_id: UUID, prediction_id: UUID
) -> Prediction:
    """Say of which prediction an orphan tells. Raises DeliveryNotFound, PredictionNotFound, NotAttachable."""
    kept = await read_delivery(database, delivery_id)
    provider, report = _report(kept, providers)
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, prediction_id)
        if prediction is None:
            raise PredictionNotFound("There is no such prediction.")
        if prediction.provider != kept.provider or prediction.provider_id not in (None, report.provider_id):
            raise NotAttachable(f"That prediction is {prediction.provider}'s {prediction.provider_id}.")
        now = await predictions.time(tx)
        after = await apply_report(tx, prediction, report, now, provider.terms)
        await inbox.mark_applied(tx, kept.id, prediction_id)
        journal.note(tx, prediction_id, "reopened", delivery=str(delivery_id))
    return after


async def reopen_prediction(database: Database, providers: Providers, prediction_id: UUID) -> None:
    """Look once more at the provider for a purchase that we could not be sure of, stopped waiting for, or that it said
    it knew no longer.

    Raises PredictionNotFound or NotAttachable.
    """
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, prediction_id)
        if prediction is None:
            raise PredictionNotFound("There is no such prediction.")
        terms = providers[prediction.provider].terms
        after = reopened(prediction, await predictions.time(tx), terms)
        if after is prediction:
            raise NotAttachable(
                "Only what ended as purchase_unknown or timed_out, or was lost there, is looked for again."
            )
        await predictions.save(tx, prediction, replace(after, updated_at=await predictions.time(tx)))
        journal.note(tx, prediction_id, "reopened")


def _report(kept: Kept, providers: Providers) -> tuple[Provider, Report]:
    provider = providers.get(kept.provider)
    if provider is None:
        raise NotAttachable(f"The provider {kept.provider} is not configured here.")
    try:
        return provider, provider.read_delivery(kept.body)
    except UnreadableDelivery as error:
        raise NotAttachable("The delivery names no prediction.") from error
