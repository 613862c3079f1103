"""A prediction's pictures as an answer: addresses, and bytes in base64, which are never whole in memory."""

import json
from collections.abc import AsyncIterator
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from app.domain.prediction import Prediction, Status, StoredFile
from app.storage.errors import BlobMissing, StorageUnavailable
from app.storage.port import BlobStore
from app.web.compat.answers import PRIVATE
from app.web.compat.openai.dialect import told_failure
from app.web.compat.openai.encoding import encoded, encoded_size
from app.web.compat.openai.wishes import Wish
from app.web.shared import Shared, shared

URL, BASE64 = "url", "b64_json"
Piece = bytes | StoredFile
"""Text of the document, or a file that stands in it as base64."""

log = structlog.get_logger()


def stored_pictures(prediction: Prediction) -> list[StoredFile]:
    if prediction.status is not Status.SUCCEEDED:
        return []
    return [file.shown for file in prediction.files if file.shown is not None]


async def told(request: Request, prediction: Prediction, wish: Wish) -> Response:
    """The pictures, or why there are none. What cannot be read just now is told by address, if that is enough."""
    files, common = stored_pictures(prediction), shared(request)
    if not files:
        return told_failure(request, prediction)
    wanted: tuple[str, ...] = (URL, BASE64) if wish.response_format is None else (wish.response_format,)
    if BASE64 in wanted and not await are_readable(common.blobs, files):
        wanted = (URL,)
        if wish.response_format is not None:
            return told_failure(request, prediction)
    head = {"created": int(prediction.created_at.timestamp()), "prediction_id": str(prediction.id), **facts(files[0])}
    pieces: list[Piece] = [_text(head)[:-1] + b',"data":[']
    for number, file in enumerate(files):
        pieces += [b"," if number else b"", *_picture(file, wanted, common)]
    return answer_of(common.blobs, [*pieces, b"]}"])


async def are_readable(blobs: BlobStore, files: list[StoredFile]) -> bool:
    """Asked before an answer begins, which then cannot turn into an error any more."""
    try:
        return all([await blobs.size(file.key) == file.bytes for file in files])
    except StorageUnavailable:
        return False


def facts(file: StoredFile) -> dict[str, Any]:
    size = None if file.width is None else f"{file.width}x{file.height}"
    return {"output_format": file.content_type.removeprefix("image/"), "size": size}


def answer_of(blobs: BlobStore, pieces: list[Piece]) -> Response:
    headers = {**PRIVATE, "Content-Length": str(sum(map(_size, pieces)))}
    return Poured(poured(blobs, pieces), headers=headers, media_type="application/json")


async def poured(blobs: BlobStore, pieces: list[Piece]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        async for chunk in encoded(blobs.read(piece.key)):
            yield chunk


def _picture(file: StoredFile, wanted: tuple[str, ...], common: Shared) -> list[Piece]:
    told: list[Piece] = [_text({URL: common.views.file_url(file.key)})[:-1] if URL in wanted else b"{"]
    if BASE64 in wanted:
        told += [b'%s"b64_json":"' % (b"," if URL in wanted else b""), file, b'"']
    return [*told, b"}"]


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else encoded_size(piece.bytes)


class Poured(StreamingResponse):
    """One whose end never came is left open, upon which the server closes the connection: never a short document."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except (StorageUnavailable, BlobMissing) as trouble:
            log.warning("answer cut off", reason=trouble.code)
