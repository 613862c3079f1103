"""The receipt: one prediction's whole life in the order in which it happened."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db import exchanges, inbox, journal, ledger, notices, predictions
from app.db.engine import Database
from app.db.exchanges import Said
from app.db.inbox import Kept
from app.db.ledger import Posted
from app.domain.errors import PredictionNotFound
from app.domain.money import EntryKind
from app.domain.ports import Providers, UnreadableDelivery
from app.domain.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is a word of the journal, `delivery`, or `client webhook`; `detail` holds no secret."""

    at: datetime
    kind: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """`exchanges` are the calls upstream, masked, without those that read a provider's whole list."""

    prediction: Prediction
    timeline: list[Entry]
    exchanges: list[Said]


async def read_receipt(database: Database, providers: Providers, prediction_id: UUID, *, owner: str | None) -> Receipt:
    """`owner` None is for those who run the service. Raises PredictionNotFound."""
    async with database.transaction() as tx:
        prediction = await predictions.load(tx, prediction_id, owner=owner)
        if prediction is None:
            raise PredictionNotFound("There is no such prediction.")
        notes = await journal.read(tx, prediction_id)
        deliveries = await inbox.of_prediction(tx, prediction_id)
        owed = await notices.of_prediction(tx, prediction_id)
        said = await exchanges.read(tx, prediction_id)
        posted = await ledger.of_prediction(tx, prediction_id)
    entries = [Entry(note.at, note.kind, note.detail) for note in notes]
    entries += [_delivery(delivery, providers) for delivery in deliveries]
    entries += [_money(each) for each in posted]
    entries += [_pending(notice) for notice in owed if notice["due_at"] is not None]
    return Receipt(prediction, sorted(entries, key=lambda entry: entry.at), said)


def _delivery(delivery: Kept, providers: Providers) -> Entry:
    """What it said, how long it was kept before its prediction was known, and how often it came again."""
    detail: dict[str, Any] = {"id": str(delivery.id), "state": _state(delivery, providers)}
    if delivery.trouble is not None:
        detail["set_aside"] = delivery.trouble
    elif delivery.applied_at is not None and delivery.applied_at > delivery.received_at:
        detail["early_by"] = round((delivery.applied_at - delivery.received_at).total_seconds(), 3)
    if delivery.copies:
        detail |= {"copies": delivery.copies, "last_copy_at": f"{delivery.last_copy_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
    return Entry(delivery.received_at, "delivery", detail)


def _state(delivery: Kept, providers: Providers) -> str:
    try:
        return providers[delivery.provider].read_delivery(delivery.body).state.value
    except (KeyError, UnreadableDelivery):
        return "unreadable"


def _money(posted: Posted) -> Entry:
    amount = posted.captured if posted.kind == EntryKind.CAPTURE else abs(posted.held)
    detail: dict[str, Any] = {"usd": f"{amount.normalize():f}"}
    if posted.note is not None:
        detail["note"] = posted.note
    return Entry(posted.at, posted.kind, detail)


def _pending(notice: dict[str, Any]) -> Entry:
    detail = {"event": notice["event"], "attempts": notice["attempts"], "next_attempt_at": str(notice["due_at"])}
    return Entry(notice["created_at"], "client webhook", detail)
