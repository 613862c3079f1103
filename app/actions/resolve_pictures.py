"""An input's pictures as its provider takes them, just before it is asked: adapters see https URLs and data URIs, and
nothing else."""

import asyncio
from dataclasses import dataclass, replace

import httpx

from app.actions.refuse_picture import TOO_LARGE, sentence
from app.db import uploads
from app.db.engine import Database
from app.domain.errors import TemporarilyUnavailable
from app.domain.pictures import Picture, data_uri, pictures_of, with_pictures
from app.domain.ports import Pictures, Provider, ProviderRefused, Unavailable
from app.domain.prediction import Failure, FailureCode, Prediction, StoredFile
from app.outbound.download import DownloadLimits, download
from app.outbound.errors import OutputGone, OutputRejected, OutputUnavailable
from app.outbound.hosts import ANY_HTTPS_HOST
from app.storage.errors import BlobMissing, FileRefused, StorageUnavailable
from app.storage.inputs import LARGEST_INPUT, Examiner
from app.storage.port import BlobStore

LONGEST_SECONDS, STALL_SECONDS = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class PictureSources:
    """Where pictures are had: uploads in `blobs`, or by those who can reach `files_url`; others through `http`, which
    is guarded."""

    database: Database
    blobs: BlobStore
    http: httpx.AsyncClient
    files_url: str
    examiner: Examiner


def has_to_resolve(prediction: Prediction, provider: Provider) -> bool:
    return bool(_unresolved(prediction, provider))


async def resolve_pictures(sources: PictureSources, provider: Provider, prediction: Prediction) -> Prediction:
    """Before anything is sent. Raises Unavailable, or ProviderRefused for a picture that cannot be had."""
    wanted = _unresolved(prediction, provider)
    if not wanted:
        return prediction
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            had = await _uploads(sources, prediction)
            put = {each.field: await _resolved(sources, provider.pictures, each, had) for each in wanted}
    except (TimeoutError, TemporarilyUnavailable, StorageUnavailable, OutputUnavailable) as trouble:
        raise Unavailable("an input's picture could not be had yet") from trouble
    return replace(prediction, input=with_pictures(prediction.input, put))


def _unresolved(prediction: Prediction, provider: Provider) -> list[Picture]:
    takes_bytes = provider.pictures is Pictures.DATA
    return [each for each in pictures_of(prediction.input) if each.is_upload or (takes_bytes and each.is_address)]


async def _uploads(sources: PictureSources, prediction: Prediction) -> dict[str, StoredFile]:
    if not prediction.uploads:
        return {}
    async with sources.database.transaction() as tx:
        found = await uploads.load(tx, prediction.owner, prediction.uploads)
    return {upload.id: upload.stored for upload in found.values()}


async def _resolved(sources: PictureSources, taken: Pictures, picture: Picture, had: dict[str, StoredFile]) -> str:
    if not picture.is_upload:
        return await _fetched(sources, picture)
    stored = had.get(picture.given)
    if stored is None:
        raise _refused(picture, "the file is no longer there")
    if taken is Pictures.URL and sources.files_url.startswith("https://"):
        return f"{sources.files_url}/{stored.key}"
    try:
        content = b"".join([piece async for piece in sources.blobs.read(stored.key)])
    except BlobMissing:
        raise _refused(picture, "the file is no longer there") from None
    return data_uri(content, stored.content_type)


async def _fetched(sources: PictureSources, picture: Picture) -> str:
    limits = DownloadLimits(LARGEST_INPUT, LONGEST_SECONDS, STALL_SECONDS)
    into = _Bytes()
    try:
        await download(sources.http, picture.given, hosts=ANY_HTTPS_HOST, into=into, limits=limits)
        fetched = await sources.examiner.prepared(lambda: bytes(into.content))
    except OutputGone as gone:
        raise _refused(picture, f"its address answers {gone.status}") from gone
    except OutputRejected as rejected:
        why = TOO_LARGE if rejected.reason == "too_large" else "its address is not one that we fetch"
        raise _refused(picture, why) from rejected
    except FileRefused as refusal:
        raise _refused(picture, f"what its address gives {sentence(refusal)}") from refusal
    return data_uri(fetched.content, fetched.facts.content_type)


def _refused(picture: Picture, why: str) -> ProviderRefused:
    return ProviderRefused(Failure(FailureCode.REJECTED, f"{picture.field} could not be used: {why}."))


class _Bytes:
    """A download's sink, within memory."""

    def __init__(self) -> None:
        self.content = bytearray()

    async def write(self, chunk: bytes, /) -> None:
        self.content += chunk
