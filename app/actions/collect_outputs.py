"""Collect: stream every owed output into our storage, and only then call the prediction succeeded.

Each attempt writes under keys of its own. A file's row names a key only after the file is durable, in the same
statement that checks the attempt's token; what a fenced-out attempt wrote is removed by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import httpx
import structlog

from app.actions.conclude import conclude
from app.db import owed
from app.db.engine import Database
from app.db.owed import Claim
from app.domain.errors import TemporarilyUnavailable
from app.domain.lifecycle import Collected
from app.domain.ports import Provider, Providers, ProviderTrouble
from app.domain.prediction import Failure, FailureCode, File, FileState, StoredFile
from app.domain.work import WorkKind
from app.outbound.download import DownloadLimits, download
from app.outbound.errors import OutputGone, OutputRejected, OutputUnavailable
from app.outbound.hosts import HostRules
from app.storage.arrival import Arrival
from app.storage.errors import FileDamaged, FileRefused, StorageUnavailable
from app.storage.port import BlobStore

TRIES_OF_A_DEAD_LINK = 4
"""A picture may be announced a moment before its CDN knows it, so one 404 is not yet the end."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Collecting:
    """What collecting needs: where to, by what, from which hosts of each provider, within which bounds."""

    blobs: BlobStore
    http: httpx.AsyncClient
    hosts: Mapping[str, HostRules]
    limits: DownloadLimits
    max_pixels: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    file: File
    retry_after: float | None = None


async def collect_outputs(
    database: Database, providers: Providers, tools: Collecting, prediction_id: UUID, *, lease: timedelta
) -> None:
    async with database.transaction() as tx:
        claim = await owed.claim(tx, prediction_id, WorkKind.COLLECT, lease)
    if claim is None:
        return
    provider = providers[claim.prediction.provider]
    async with _lease_extended(database, claim, lease):
        outcomes = await asyncio.gather(*(_collect(provider, tools, claim, file) for file in claim.prediction.files))
    files = tuple(outcome.file for outcome in outcomes)
    pauses = [timedelta(seconds=each.retry_after) for each in outcomes if each.retry_after is not None]
    saved = await conclude(database, provider, claim, Collected(files, max(pauses, default=None)))
    if saved is None:
        await _discard(tools.blobs, claim.prediction.files, files)


async def _collect(provider: Provider, tools: Collecting, claim: Claim, file: File) -> _Outcome:
    if file.state is not FileState.OWED:
        return _Outcome(file)
    try:
        return _stored(file, await _fetch(tools, provider.name, file.source_url))
    except OutputGone:
        return await _with_fresh_link(provider, tools, claim, file)
    except OutputUnavailable as trouble:
        return _later(claim, file, trouble.reason, trouble.retry_after)
    except StorageUnavailable as trouble:
        return _later(claim, file, trouble.reason)
    except FileDamaged as trouble:
        return _later(claim, file, trouble.reason)
    except (OutputRejected, FileRefused) as refusal:
        return _rejected(file, refusal.code)


async def _with_fresh_link(provider: Provider, tools: Collecting, claim: Claim, file: File) -> _Outcome:
    """The link is dead; the provider may have another one for the same output."""
    provider_id = claim.prediction.provider_id
    with suppress(ProviderTrouble, OutputGone, OutputUnavailable, OutputRejected, StorageUnavailable, FileRefused):
        report = await provider.fetch(provider_id) if provider_id else None
        links = report.outputs if report else ()
        if file.position < len(links) and links[file.position] != file.source_url:
            fresh = replace(file, source_url=links[file.position])
            return _stored(fresh, await _fetch(tools, provider.name, fresh.source_url))
    if claim.work.attempts < TRIES_OF_A_DEAD_LINK and claim.now < claim.work.deadline_at:
        return _Outcome(file)
    return _lost(file)


async def _fetch(tools: Collecting, provider: str, url: str) -> StoredFile:
    async with Arrival(tools.blobs, max_pixels=tools.max_pixels) as arrival:
        came = await download(tools.http, url, hosts=tools.hosts[provider], into=arrival, limits=tools.limits)
        facts = await arrival.commit(proven_whole=came.proven_whole)
    return StoredFile(facts.key, facts.content_type, facts.size, facts.sha256, facts.width, facts.height)


def _stored(file: File, stored: StoredFile) -> _Outcome:
    return _Outcome(replace(file, state=FileState.STORED, stored=stored))


def _later(claim: Claim, file: File, reason: str, retry_after: float | None = None) -> _Outcome:
    """Tried again until the provider has surely deleted it; once past that, this attempt was the last."""
    log.warning("output not had", prediction_id=str(claim.prediction.id), position=file.position, reason=reason)
    if claim.now >= claim.work.deadline_at:
        return _lost(file)
    return _Outcome(file, retry_after)


def _lost(file: File) -> _Outcome:
    failure = Failure(
        FailureCode.OUTPUT_LOST,
        f"Output {file.position} could not be fetched before the provider deleted it.",
    )
    return _Outcome(replace(file, state=FileState.LOST, failure=failure))


def _rejected(file: File, reason: str) -> _Outcome:
    failure = Failure(FailureCode.OUTPUT_REJECTED, f"Output {file.position} is not something we store ({reason}).")
    return _Outcome(replace(file, state=FileState.LOST, failure=failure))


@asynccontextmanager
async def _lease_extended(database: Database, claim: Claim, lease: timedelta) -> AsyncIterator[None]:
    """While a long transfer runs its lease is moved ahead; if it was lost meanwhile the final save will say so."""

    async def extend() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            with suppress(TemporarilyUnavailable):
                async with database.transaction() as tx:
                    await owed.extend(tx, claim, lease)

    task = asyncio.create_task(extend())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _discard(blobs: BlobStore, before: Sequence[File], after: Sequence[File]) -> None:
    kept = {file.stored.key for file in before if file.stored}
    for file in after:
        if file.stored and file.stored.key not in kept:
            with suppress(StorageUnavailable):
                await blobs.delete(file.stored.key)
