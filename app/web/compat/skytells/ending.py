"""Canceling and deleting."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.cancel_prediction import cancel_prediction
from app.actions.delete_prediction import delete_prediction
from app.actions.read_predictions import read_prediction
from app.domain.caller import Caller
from app.web.buying import awaited
from app.web.compat.skytells.creating import told
from app.web.predictions import path_id
from app.web.shared import shared

CONFIRM_SECONDS = 10


async def cancel(request: Request, caller: Caller) -> Response:
    """Held until the provider has confirmed it, since clients read `cancelled` from this very answer."""
    common = shared(request)
    prediction = await cancel_prediction(common.database, common.providers, path_id(request), owner=caller.owner)
    return await told(common, await awaited(request, prediction, CONFIRM_SECONDS), success=True)


async def delete(request: Request, caller: Caller) -> Response:
    """Told as it was."""
    common, prediction_id = shared(request), path_id(request)
    last = await read_prediction(common.database, prediction_id, owner=caller.owner)
    await delete_prediction(common.database, common.blobs, prediction_id, owner=caller.owner)
    return await told(common, last, success=True)
