"""`GET /files/{key}`: a stored output, for `<img>` and for caches; immutable, and nothing that a browser could run.

From a disk of ours it is sent, by nginx where that stands in front (X-Accel-Redirect); from a bucket it is redirected
to an address that opens it, or streamed where there is none. What a bucket or a CDN then answers has the type, caching
and disposition that were set at the upload; the other headers are ours alone.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.actions.find_file import find_file
from app.domain.errors import FileNotFound, TemporarilyUnavailable
from app.domain.prediction import StoredFile
from app.storage.errors import BlobMissing, InvalidKey, StorageUnavailable
from app.storage.keys import checked
from app.storage.serving import CACHE_CONTROL, disposition_of
from app.web.etags import is_known, known_tags
from app.web.ranges import part_of
from app.web.shared import Shared, shared

Found = TypeVar("Found")

REDIRECT_CACHED_SECONDS = 300
"""A third of what an address lives for (`LINK_SECONDS`), so that none is followed that is about to end."""
STORE_SECONDS = 10.0
"""For the store's first word; then the client is told to come again."""

log = structlog.get_logger()


async def read(request: Request) -> Response:
    common = shared(request)
    file = await _found(request, common)
    headers = _headers(file)
    if is_known(headers["ETag"], known_tags(request)):
        return Response(status_code=304, headers=headers)
    path = common.blobs.local_path(file.key)
    if path is not None:
        return await _from_disk(request, common, path, file, headers)
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(file.bytes)}, media_type=file.content_type)
    link = None if common.link is None else await _in_time(common, common.link(file.key))
    return _elsewhere(link) if link else await _streamed(request, common, file, headers)


async def _found(request: Request, common: Shared) -> StoredFile:
    """Raises FileNotFound for whatever must not be handed out."""
    try:
        key = checked(request.path_params["key"])
    except InvalidKey:
        raise FileNotFound("There is no such file.") from None
    return await find_file(common.database, key)


def _headers(file: StoredFile) -> dict[str, str]:
    return {
        "ETag": f'"{file.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": CACHE_CONTROL,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": disposition_of(file.content_type),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


async def _from_disk(
    request: Request, common: Shared, path: Path, file: StoredFile, headers: dict[str, str]
) -> Response:
    if await _in_time(common, common.blobs.size(file.key)) is None:
        raise await _why_missing(common)
    part = part_of(request, headers["ETag"], file.bytes)
    if common.policy.accel_redirect_prefix:
        return _by_nginx(common.policy.accel_redirect_prefix, path, file, headers)
    kind = _WholeFile if part is None else FileResponse
    return kind(path, headers=headers, media_type=file.content_type)


def _by_nginx(prefix: str, path: Path, file: StoredFile, headers: dict[str, str]) -> Response:
    """It counts the ranges itself, and says so."""
    place = {"X-Accel-Redirect": f"{prefix}/{path.parent.name}/{path.name}"}
    kept = {name: value for name, value in headers.items() if name != "Accept-Ranges"}
    return Response(headers=kept | place, media_type=file.content_type)


def _elsewhere(link: str) -> Response:
    kept = f"private, max-age={REDIRECT_CACHED_SECONDS}"
    headers = {"Location": link, "Cache-Control": kept, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(status_code=307, headers=headers)


async def _streamed(request: Request, common: Shared, file: StoredFile, headers: dict[str, str]) -> Response:
    part = part_of(request, headers["ETag"], file.bytes)
    wanted = part or range(file.bytes)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{file.bytes}"
    headers["Content-Length"] = str(len(wanted))
    pieces = common.blobs.read(file.key, wanted.start, wanted.stop)
    first = await _in_time(common, anext(pieces, b""))
    body = _chained(first, pieces)
    return _Streamed(body, 200 if part is None else 206, headers=headers, media_type=file.content_type)


async def _in_time(common: Shared, answer: Awaitable[Found]) -> Found:
    """Raises TemporarilyUnavailable for a store that is away or slow, and FileNotFound for a file it has not."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            return await answer
    except (StorageUnavailable, TimeoutError):
        raise TemporarilyUnavailable("The storage is away for a moment.") from None
    except BlobMissing:
        raise await _why_missing(common) from None


async def _why_missing(common: Shared) -> Exception:
    """A file that is missing from a working store was removed; in one that is gone it may come back."""
    try:
        async with asyncio.timeout(STORE_SECONDS):
            await common.pulse.probe(within=0)
    except (StorageUnavailable, TimeoutError):
        return TemporarilyUnavailable("The storage is away for a moment.")
    return FileNotFound("The file was removed.")


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


class _Streamed(StreamingResponse):
    """One whose end never came is left open, upon which the server closes the connection: never a short file."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except (StorageUnavailable, BlobMissing) as trouble:
            log.warning("file cut off", reason=trouble.code)


class _WholeFile(FileResponse):
    """Answers 200 whatever `Range` says; Starlette's own would refuse one that it cannot read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [header for header in scope["headers"] if header[0] != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)
