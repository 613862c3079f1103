"""One output of one attempt: from the provider's link into our storage, or the reason why not."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx

from app.db.owed import Claim
from app.domain.ports import Provider, ProviderTrouble
from app.domain.prediction import Failure, FailureCode, File, FileState, StoredFile
from app.domain.report import Report
from app.domain.steps import time_left
from app.outbound.download import DownloadLimits, download
from app.outbound.errors import OutputGone, OutputRejected, OutputUnavailable
from app.outbound.hosts import HostRules
from app.storage.arrival import Arrival
from app.storage.arrival import StoredFile as Arrived
from app.storage.errors import FileDamaged, FileRefused, StorageUnavailable
from app.storage.port import BlobStore
from app.storage.thumbnails import Thumbnails
from app.watch import tracing


@dataclass(frozen=True, slots=True)
class Collecting:
    """What collecting needs: where to, by what, from which hosts of each provider, within which bounds.

    `hold_for`: for how long an output that came in an answer, and exists nowhere else, is held while nothing takes it.
    """

    blobs: BlobStore
    http: httpx.AsyncClient
    hosts: Mapping[str, HostRules]
    limits: DownloadLimits
    max_pixels: int
    thumbnails: Thumbnails | None = None
    hold_for: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How the file stands after the attempt; `retry_after` is seconds, if the CDN named them."""

    file: File
    outcome: str
    seconds: float = 0.0
    retry_after: float | None = None

    def as_note(self) -> dict[str, Any]:
        size = self.file.stored.bytes if self.file.stored else None
        return {
            "position": self.file.position,
            "outcome": self.outcome,
            "bytes": size,
            "seconds": round(self.seconds, 3),
        }


async def fetch_output(provider: Provider, tools: Collecting, claim: Claim, file: File) -> Fetched:
    """Never raises for what a CDN or a disk does."""
    began = monotonic()
    with tracing.span("download", kind="client", provider=provider.name, position=file.position) as span:
        fetched = await _try(provider, tools, claim, file)
        span.note(outcome=fetched.outcome)
    return replace(fetched, seconds=monotonic() - began)


async def _try(provider: Provider, tools: Collecting, claim: Claim, file: File) -> Fetched:
    return await _by_link(provider, tools, claim, file) or await _by_fresh_link(provider, tools, claim, file)


async def _by_link(provider: Provider, tools: Collecting, claim: Claim, file: File) -> Fetched | None:
    """None if the link is dead."""
    try:
        return _stored(file, await _transfer(tools, provider.name, file.source_url))
    except OutputGone:
        return None
    except OutputUnavailable as trouble:
        return _later(claim, file, str(trouble), trouble.retry_after)
    except (StorageUnavailable, FileDamaged) as trouble:
        return _later(claim, file, f"{trouble.code} ({trouble.reason})")
    except (OutputRejected, FileRefused) as refusal:
        return _rejected(file, refusal.code)


async def _by_fresh_link(provider: Provider, tools: Collecting, claim: Claim, file: File) -> Fetched:
    """The provider may have another one, which then is the file's; may say that it is over; or its CDN is only slow."""
    report = await _asked(provider, claim)
    if report is not None and (report.outputs_removed or file.position >= len(report.outputs)):
        return _lost(file, "deleted by the provider")
    fresh = replace(file, source_url=report.outputs[file.position]) if report else file
    fetched = await _by_link(provider, tools, claim, fresh) if fresh.source_url != file.source_url else None
    return fetched or _gone(provider, claim, fresh)


def _gone(provider: Provider, claim: Claim, file: File) -> Fetched:
    if time_left(claim.work, claim.now, provider.terms) <= timedelta():
        return _lost(file, "gone")
    return Fetched(file, "gone, to be tried again")


async def _asked(provider: Provider, claim: Claim) -> Report | None:
    with suppress(ProviderTrouble):
        if claim.prediction.provider_id is not None:
            return await provider.fetch(claim.prediction.provider_id, claim.prediction.model)
    return None


async def _transfer(tools: Collecting, provider: str, url: str) -> StoredFile:
    async with Arrival(tools.blobs, max_pixels=tools.max_pixels, thumbnails=tools.thumbnails) as arrival:
        came = await download(tools.http, url, hosts=tools.hosts[provider], into=arrival, limits=tools.limits)
        facts = await arrival.commit(proven_whole=came.proven_whole)
    return recorded(facts)


def recorded(came: Arrived) -> StoredFile:
    """As a row has it."""
    return StoredFile(
        came.key, came.content_type, came.size, came.sha256, came.width, came.height, thumbnail=came.thumbnail
    )


def _stored(file: File, stored: StoredFile) -> Fetched:
    return Fetched(replace(file, state=FileState.STORED, stored=stored), "stored")


def _later(claim: Claim, file: File, reason: str, retry_after: float | None = None) -> Fetched:
    """Tried again until the provider has surely deleted it; once past that, this attempt was the last."""
    if claim.now >= claim.work.deadline_at:
        return _lost(file, reason)
    return Fetched(file, reason, retry_after=retry_after)


def _lost(file: File, reason: str) -> Fetched:
    sentence = f"Output {file.position} could not be fetched before the provider deleted it."
    return _given_up(file, FailureCode.OUTPUT_LOST, sentence, reason)


def _rejected(file: File, reason: str) -> Fetched:
    sentence = f"Output {file.position} is not something we store ({reason})."
    return _given_up(file, FailureCode.OUTPUT_REJECTED, sentence, reason)


def _given_up(file: File, code: FailureCode, sentence: str, reason: str) -> Fetched:
    return Fetched(replace(file, state=FileState.LOST, failure=Failure(code, sentence)), reason)
