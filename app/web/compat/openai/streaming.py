"""`stream`: server-sent events until the pictures are stored, then one event for each of them."""

import json
from collections.abc import AsyncIterator
from time import monotonic

from starlette.responses import Response

from app.actions.read_predictions import read_prediction
from app.domain.errors import PredictionNotFound, TemporarilyUnavailable
from app.domain.prediction import Prediction, StoredFile
from app.web.compat.openai.dialect import failure_of
from app.web.compat.openai.pictures import Piece, Poured, are_readable, facts, poured, stored_pictures
from app.web.shared import Shared

BEAT_SECONDS = 15.0
"""So often something is said, lest a proxy think that nobody is there."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def streamed(common: Shared, prediction: Prediction, event: str) -> Response:
    """`event` is OpenAI's name for a whole picture. An error within the stream has the shape of any other."""
    return Poured(_events(common, prediction, event), media_type="text/event-stream", headers=HEADERS)


async def _events(common: Shared, prediction: Prediction, event: str) -> AsyncIterator[bytes]:
    yield b": bought\n\n"
    end, last = monotonic() + common.policy.openai_seconds, prediction
    while not last.status.is_final and (left := end - monotonic()) > 0:
        found = await _later(common, last, min(left, BEAT_SECONDS))
        if found is None:
            break
        last = found
        yield b": waiting\n\n"
    files = stored_pictures(last)
    if not files or not await are_readable(common.blobs, files):
        yield b"event: error\ndata: " + json.dumps(failure_of(last)).encode() + b"\n\n"
        return
    for file in files:
        async for piece in _event(common, last, event, file):
            yield piece


async def _later(common: Shared, prediction: Prediction, seconds: float) -> Prediction | None:
    """As it is then. Trouble must not hide that it was bought: None, and it is told as it was last seen."""
    owner = prediction.owner
    try:
        await common.reads.wait(prediction.id, owner=owner, seconds=seconds, until=lambda _: False)
        return await read_prediction(common.database, prediction.id, owner=owner)
    except (TemporarilyUnavailable, PredictionNotFound):
        return None


async def _event(common: Shared, prediction: Prediction, event: str, file: StoredFile) -> AsyncIterator[bytes]:
    """Their types have `background`, `quality` and `usage`: of these nobody here knows anything."""
    told = {
        "type": event,
        "created_at": int(prediction.created_at.timestamp()),
        "background": "auto",
        "quality": "auto",
        "usage": None,
        "url": common.views.file_url(file.key),
        "prediction_id": str(prediction.id),
        **facts(file),
    }
    head = json.dumps(told, separators=(",", ":"))[:-1]
    pieces: list[Piece] = [f'event: {event}\ndata: {head},"b64_json":"'.encode(), file, b'"}\n\n']
    async for piece in poured(common.blobs, pieces):
        yield piece
