"""`GET /api/predictions/{id}/events`: a prediction's changes as server-sent events, ending with the final one.

Every event carries the prediction as it is then, under its version as id. Who comes back with `Last-Event-ID` gets
what he has not seen; once he has seen the end, 204 tells his browser not to come again (HTML, section 9.2.3).
"""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.actions.read_predictions import read_prediction
from app.domain.prediction import Prediction
from app.web.predictions import opened
from app.web.shared import Shared, shared

KEEP_ALIVE_SECONDS = 15.0
COME_BACK_MILLISECONDS = 2000


async def stream(request: Request) -> Response:
    """Opened by the owner's key, or by the prediction's own client token."""
    prediction = await opened(request)
    seen = _last_seen(request)
    if prediction.status.is_final and seen >= prediction.version:
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _events(shared(request), prediction.id, prediction.owner, seen)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(common: Shared, prediction_id: UUID, owner: str, seen: int) -> AsyncIterator[str]:
    yield f"retry: {COME_BACK_MILLISECONDS}\n\n"
    with common.changes.of(prediction_id) as change:
        while True:
            prediction = await read_prediction(common.database, prediction_id, owner=owner)
            if prediction.version > seen:
                seen = prediction.version
                yield _event(common, prediction)
            else:
                yield ": still here\n\n"
            if prediction.status.is_final:
                return
            await change.wait(KEEP_ALIVE_SECONDS)


def _event(common: Shared, prediction: Prediction) -> str:
    view = common.views.prediction(prediction).model_dump_json(exclude={"client_token"})
    return f"id: {prediction.version}\nevent: prediction\ndata: {view}\n\n"


def _last_seen(request: Request) -> int:
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
