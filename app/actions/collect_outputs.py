"""Collect: stream every owed output into our storage, and only then call the prediction succeeded.

Each attempt writes under keys of its own. A file's row names a key only after the file is durable, in the same
transaction that checks the attempt's token; what a fenced-out attempt wrote is removed by itself.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from app.actions.conclude import Told, conclude
from app.actions.discard import discard
from app.actions.fetch_output import Collecting, Fetched, fetch_output
from app.actions.lease import lease_extended
from app.db import owed
from app.db.engine import Database
from app.db.owed import Claim
from app.db.tallies import Tally
from app.domain.events import Collected
from app.domain.ports import Provider, Providers
from app.domain.prediction import File, FileState
from app.domain.steps import time_left
from app.domain.work import WorkKind

log = structlog.get_logger()


async def collect_outputs(
    database: Database, providers: Providers, tools: Collecting, prediction_id: UUID, *, lease: timedelta
) -> None:
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.COLLECT, lease)
    if claim is None:
        return
    provider = providers[claim.prediction.provider]
    _warn_if_urgent(provider, claim)
    pending = [file for file in claim.prediction.files if file.state is FileState.OWED]
    async with lease_extended(database, claim, lease):
        tried = await asyncio.gather(*(fetch_output(provider, tools, claim, file) for file in pending))
    files = _merged(claim.prediction.files, tried)
    notes, urgent = _notes(provider, claim, tried), _urgent(provider, claim, tried)
    outcome = Collected(files, _pause(tried))
    saved = await conclude(database, provider, claim, outcome, notes, counted=urgent)
    if saved is None:
        await discard(tools.blobs, files, kept=claim.prediction.files)
    for each in tried:
        if each.file.state is not FileState.STORED:
            log.warning("output not had", position=each.file.position, reason=each.outcome, state=each.file.state)


def _merged(files: Sequence[File], tried: Sequence[Fetched]) -> tuple[File, ...]:
    newer = {each.file.position: each.file for each in tried}
    return tuple(newer.get(file.position, file) for file in files)


def _pause(tried: Sequence[Fetched]) -> timedelta | None:
    named = [each.retry_after for each in tried if each.retry_after is not None]
    return timedelta(seconds=max(named)) if named else None


def _notes(provider: Provider, claim: Claim, tried: Sequence[Fetched]) -> list[Told]:
    left = round(time_left(claim.work, claim.now, provider.terms).total_seconds(), 1)
    return [Told("transfer", {**each.as_note(), "time_left": left}) for each in tried]


def _urgent(provider: Provider, claim: Claim, tried: Sequence[Fetched]) -> list[Tally]:
    """Those that were stored with less than a quarter of the provider's time left."""
    left, quarter = time_left(claim.work, claim.now, provider.terms), provider.terms.output_lifetime / 4
    stored = [each for each in tried if each.file.state is FileState.STORED]
    late = [each for each in stored if left - timedelta(seconds=each.seconds) < quarter]
    return [Tally("outputs_urgent", (provider.name,)) for _ in late]


def _warn_if_urgent(provider: Provider, claim: Claim) -> None:
    """The alert: less than a quarter of the time that the provider gives is left."""
    left = time_left(claim.work, claim.now, provider.terms)
    if left < provider.terms.output_lifetime / 4:
        log.warning("output urgent", attempts=claim.work.attempts, seconds_left=round(left.total_seconds(), 1))
