"""Hear: a reply or a look, applied to its row with what came in it, for as long as the database may be away.

A reply is a fact whoever holds the work by now; of a provider that lists nothing it is the only word there will be.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from uuid import UUID

from app.actions.apply_report import apply_report
from app.actions.discard import discard
from app.actions.fetch_output import Collecting
from app.actions.keep_inline import Kept
from app.db import journal, predictions
from app.db.engine import Database, Transaction
from app.domain.errors import TemporarilyUnavailable
from app.domain.ports import Provider
from app.domain.prediction import Prediction

PAUSE_SECONDS = 1.0

Besides = Callable[[Transaction, Prediction], Awaitable[Prediction]]
"""What else belongs into the same transaction."""


async def hear(
    database: Database,
    provider: Provider,
    tools: Collecting,
    prediction_id: UUID,
    kept: Kept,
    *,
    besides: Besides | None = None,
    patience: timedelta = timedelta(),
) -> Prediction | None:
    """The prediction as saved, None if it is gone. What was kept and is not taken is removed from storage.

    Raises TemporarilyUnavailable once the database has been away for `patience`.
    """
    end = monotonic() + patience.total_seconds()
    while True:
        try:
            saved = await _apply(database, provider, prediction_id, kept, besides)
        except TemporarilyUnavailable:
            if monotonic() + PAUSE_SECONDS > end:
                raise
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            await discard(tools.blobs, kept.files, kept=saved.files if saved else ())
            return saved


async def _apply(
    database: Database, provider: Provider, prediction_id: UUID, kept: Kept, besides: Besides | None
) -> Prediction | None:
    async with database.transaction() as tx:
        prediction = await predictions.lock(tx, prediction_id)
        if prediction is None:
            return None
        now = await predictions.time(tx)
        saved = await apply_report(tx, prediction, kept.report, now, provider.terms, kept=kept.files)
        for note in kept.notes:
            journal.note(tx, prediction_id, "transfer", **note)
        return await besides(tx, saved) if besides else saved
