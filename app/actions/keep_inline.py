"""Keep: what came in an answer itself exists nowhere else until it lies whole in our storage, so that comes first.

The row follows in one transaction, which hears the report and finds its outputs stored (`apply_report`). What that
transaction did not take is removed again.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog

from app.actions.fetch_output import Collecting, recorded
from app.domain.prediction import Failure, FailureCode, File, FileState, StoredFile
from app.domain.report import Inline, Report
from app.domain.work import backoff
from app.storage.arrival import Arrival
from app.storage.errors import FileDamaged, FileRefused, StorageUnavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kept:
    """A report whose outputs all have names, and how the inline ones among them stand. `notes` are for the journal."""

    report: Report
    files: tuple[File, ...] = ()
    notes: tuple[dict[str, Any], ...] = ()

    @property
    def waits(self) -> bool:
        """Whether storage would not take one of them."""
        return any(file.state is FileState.OWED for file in self.files)

    def given_up(self) -> "Kept":
        """With what storage would not take as lost."""
        return replace(self, files=tuple(map(_given_up, self.files)))


async def keep_inline(tools: Collecting, report: Report, *, patience: timedelta = timedelta()) -> Kept:
    """While storage takes nothing it is tried again for `patience`. Never raises for what a disk or a file does."""
    if not report.inline:
        return Kept(report)
    end = monotonic() + patience.total_seconds()
    tried = [await _keep(tools, position, each, end) for position, each in enumerate(report.inline)]
    files = tuple(file for file, _ in tried)
    named = replace(report, outputs=tuple(file.source_url for file in files), inline=())
    return Kept(named, files, tuple(note for _, note in tried))


async def _keep(tools: Collecting, position: int, inline: Inline, end: float) -> tuple[File, dict[str, Any]]:
    file, began, attempts = File(position, f"inline:{position}"), monotonic(), 0
    while True:
        attempts += 1
        kept, outcome = await _try(tools, file, inline)
        pause = backoff(attempts).total_seconds()
        if kept.state is not FileState.OWED or monotonic() + pause > end:
            break
        log.warning("inline output waits for storage", position=position, reason=outcome)
        await asyncio.sleep(pause)
    size, seconds = len(inline.content), round(monotonic() - began, 3)
    return kept, {"position": position, "outcome": outcome, "bytes": size, "seconds": seconds}


async def _try(tools: Collecting, file: File, inline: Inline) -> tuple[File, str]:
    try:
        stored = await _stored(tools, inline)
    except StorageUnavailable as trouble:
        return file, f"{trouble.code} ({trouble.reason})"
    except FileDamaged as refusal:
        sentence = f"Output {file.position} came damaged, and the provider keeps no copy."
        return _lost(file, FailureCode.OUTPUT_LOST, sentence), f"{refusal.code} ({refusal.reason})"
    except FileRefused as refusal:
        sentence = f"Output {file.position} is not something we store ({refusal.code})."
        return _lost(file, FailureCode.OUTPUT_REJECTED, sentence), refusal.code
    return replace(file, state=FileState.STORED, stored=stored), "stored"


async def _stored(tools: Collecting, inline: Inline) -> StoredFile:
    async with Arrival(tools.blobs, max_pixels=tools.max_pixels, thumbnails=tools.thumbnails) as arrival:
        await arrival.write(inline.content)
        return recorded(await arrival.commit(proven_whole=inline.proven_whole))


def _given_up(file: File) -> File:
    if file.state is not FileState.OWED:
        return file
    sentence = f"Output {file.position} could not be stored while we had it, and the provider keeps no copy."
    return _lost(file, FailureCode.OUTPUT_LOST, sentence)


def _lost(file: File, code: FailureCode, sentence: str) -> File:
    return replace(file, state=FileState.LOST, failure=Failure(code, sentence))
