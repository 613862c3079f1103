"""Replay: what an idempotency key names already, as it is now."""

from app.db import idempotency, predictions
from app.db.engine import Database, Transaction
from app.domain.errors import IdempotencyConflict
from app.domain.prediction import Prediction


async def replayed(database: Database, owner: str, key: str, fingerprint: bytes) -> Prediction | None:
    """None if the key names nothing. Raises IdempotencyConflict."""
    async with database.alone() as tx:
        return await named(tx, owner, key, fingerprint)


async def named(tx: Transaction, owner: str, key: str, fingerprint: bytes) -> Prediction | None:
    known = await idempotency.recall(tx, owner, key, fingerprint)
    if known is None:
        return None
    if not known.same_body:
        raise IdempotencyConflict("This Idempotency-Key was used before with another body; use a new key.")
    prediction = await predictions.load(tx, known.prediction_id, owner=owner)
    if prediction is None:
        raise IdempotencyConflict("The prediction that this Idempotency-Key made was deleted; use a new key.")
    return prediction
