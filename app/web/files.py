"""`GET /files/{key}`: a stored output, for `<img>` and for caches; immutable, and nothing that a browser could run."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from app.actions.find_file import find_file
from app.domain.errors import FileNotFound
from app.domain.prediction import StoredFile
from app.storage.errors import BlobMissing, InvalidKey
from app.storage.keys import checked
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
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    path = common.blobs.local_path(key)
    if path is None:
        return StreamingResponse(_bytes(common.blobs.read(key)), headers=headers, media_type=file.content_type)
    if not await common.blobs.exists(key):
        raise FileNotFound("The file was removed.")
    return FileResponse(path, headers=headers, media_type=file.content_type)


def _headers(file: StoredFile) -> dict[str, str]:
    shown = file.content_type.startswith(SHOWN_BY_BROWSERS)
    return {
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "public, max-age=2592000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline" if shown else "attachment",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Accept-Ranges": "bytes",
    }


def _is_known(request: Request, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in tags or "*" in tags


async def _bytes(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for piece in pieces:
            yield piece
    except BlobMissing:
        return
