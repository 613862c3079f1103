"""`GET /files/{key}`: a stored output, for `<img>` and for caches; immutable, and nothing that a browser could run."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.actions.find_file import find_file
from app.domain.errors import FileNotFound, TemporarilyUnavailable
from app.domain.prediction import StoredFile
from app.storage.errors import InvalidKey, StorageUnavailable
from app.storage.keys import checked
from app.storage.port import BlobStore
from app.web.etags import is_known, known_tags
from app.web.ranges import wants_part
from app.web.shared import shared

SHOWN_BY_BROWSERS = ("image/", "video/", "audio/")


async def read(request: Request) -> Response:
    common = shared(request)
    try:
        key = checked(request.path_params["key"])
    except InvalidKey:
        raise FileNotFound("There is no such file.") from None
    file = await find_file(common.database, key)
    headers = _headers(file)
    if is_known(headers["ETag"], known_tags(request)):
        return Response(status_code=304, headers=headers)
    await _check_there(common.blobs, key)
    path = common.blobs.local_path(key)
    if path is not None:
        return _from_disk(request, path, file, headers)
    headers["Content-Length"] = str(file.bytes)
    return StreamingResponse(common.blobs.read(key), headers=headers, media_type=file.content_type)


def _headers(file: StoredFile) -> dict[str, str]:
    shown = file.content_type.startswith(SHOWN_BY_BROWSERS)
    return {
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "public, max-age=2592000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline" if shown else "attachment",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


async def _check_there(blobs: BlobStore, key: str) -> None:
    """A file that is missing from a working disk was removed; on a disk that is gone it may come back."""
    try:
        if await blobs.exists(key):
            return
        await blobs.probe()
    except StorageUnavailable:
        raise TemporarilyUnavailable("The storage is away for a moment.") from None
    raise FileNotFound("The file was removed.")


def _from_disk(request: Request, path: Path, file: StoredFile, headers: dict[str, str]) -> Response:
    kind = FileResponse if wants_part(request, headers["ETag"], file.bytes) else _WholeFile
    return kind(path, headers=headers, media_type=file.content_type)


class _WholeFile(FileResponse):
    """Answers 200 whatever `Range` says; Starlette's own would refuse one that it cannot read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [header for header in scope["headers"] if header[0] != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)
