"""`urls.stream`: outputs as server-sent events, for clients that would rather stream than wait.

Nothing is shown before it is stored, so all outputs come at once, each as one event, and then the end. Every event has
an id, without which PyPI 1.0.7 would drop it.
"""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.actions.read_predictions import read_prediction
from app.domain.prediction import Prediction, Status
from app.web.compat.replicate.objects import prediction_object
from app.web.event_stream import EventStream
from app.web.predictions import opened, path_id
from app.web.shared import Shared, shared
from app.web.streams import KEEP_ALIVE_SECONDS


async def stream(request: Request) -> Response:
    """Opened by the owner's key, or by the prediction's own client token: npm 1.4.0 sends no key here."""
    found = await opened(request)
    return EventStream(request, _events(shared(request), path_id(request), found.owner))


async def _events(common: Shared, prediction_id: UUID, owner: str) -> AsyncIterator[str]:
    with common.reads.changes.of(prediction_id) as change:
        while not (await common.reads.read(prediction_id, owner=owner)).is_final:
            yield ": still here\n\n"
            await change.wait(KEEP_ALIVE_SECONDS)
    prediction = await read_prediction(common.database, prediction_id, owner=owner)
    for number, (event, data) in enumerate(_told(common, prediction)):
        lines = "".join(f"data: {line}\n" for line in data.split("\n"))
        yield f"event: {event}\nid: {prediction.version}:{number}\n{lines}\n"


def _told(common: Shared, prediction: Prediction) -> list[tuple[str, str]]:
    shown = prediction_object(common.views, prediction)
    if prediction.status is Status.FAILED:
        return [("error", shown["error"])]
    reason = {} if prediction.status is Status.SUCCEEDED else {"reason": "canceled"}
    return [*(("output", _text(each)) for each in _outputs(shown["output"])), ("done", json.dumps(reason))]


def _outputs(output: Any) -> list[Any]:
    return output if isinstance(output, list) else [] if output is None else [output]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
