"""Creating, reading, listing and canceling, as Replicate does it."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.actions.cancel_prediction import cancel_prediction
from app.actions.read_predictions import list_predictions, read_prediction
from app.db.lookups import ListFilter
from app.domain.caller import Caller
from app.domain.errors import AlreadyFinished
from app.domain.model import Model
from app.domain.prediction import Prediction, Status
from app.web.compat.buying import buy_guarded
from app.web.compat.replicate.names import find_deployment, find_named
from app.web.compat.replicate.objects import page_object, prediction_object
from app.web.compat.replicate.orders import PREFIX, read_order
from app.web.cursors import read_cursor, write_cursor
from app.web.lists import read_time
from app.web.polls.rendered import NEVER_CACHED
from app.web.predictions import path_id
from app.web.requests import bad_parameter, preferred_wait, single_parameter
from app.web.shared import shared

PAGE = 100
PARAMETERS = ("cursor", "created_after", "created_before")


async def create(request: Request, caller: Caller) -> Response:
    """Of the version in the body."""
    return await _create(request, caller)


async def create_of_model(request: Request, caller: Caller) -> Response:
    model = await find_named(shared(request).models, full_name(request))
    return await _create(request, caller, model)


async def create_of_deployment(request: Request, caller: Caller) -> Response:
    model = await find_deployment(shared(request).models, full_name(request))
    return await _create(request, caller, model)


async def _create(request: Request, caller: Caller, model: Model | None = None) -> Response:
    wait = preferred_wait(request)
    prediction = await buy_guarded(request, caller, await read_order(request, model), wait)
    shown = prediction_object(shared(request).views, prediction, with_stream=True)
    is_late = wait is not None and not prediction.status.is_final
    if is_late:
        shown["status"] = Status.STARTING.value  # to clients that waited, any other means that it has ended
    return answer(shown, 202 if is_late else 201)


async def read(request: Request, caller: Caller) -> Response:
    prediction = await read_prediction(shared(request).database, path_id(request), owner=caller.owner)
    return _shown(request, prediction)


async def cancel(request: Request, caller: Caller) -> Response:
    """One that has ended is answered as it is."""
    common, prediction_id = shared(request), path_id(request)
    try:
        prediction = await cancel_prediction(common.database, common.providers, prediction_id, owner=caller.owner)
    except AlreadyFinished:
        prediction = await read_prediction(common.database, prediction_id, owner=caller.owner)
    return _shown(request, prediction)


async def page(request: Request, caller: Caller) -> Response:
    """Newest first, a hundred of them, whichever way they were ordered."""
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    given = {name: single_parameter(request, name) for name in PARAMETERS}
    wanted = ListFilter(
        limit=PAGE + 1,
        before=None if given["cursor"] is None else read_cursor(given["cursor"]),
        created_after=read_time(given["created_after"], "created_after"),
        created_before=read_time(given["created_before"], "created_before"),
    )
    found = await list_predictions(shared(request).database, wanted, owner=caller.owner)
    views = shared(request).views
    kept = {name: text for name, text in given.items() if text is not None}
    following = None
    if len(found) > PAGE:
        query = urlencode(kept | {"cursor": write_cursor(found[PAGE - 1].id)})
        following = f"{views.public_url}{PREFIX}/predictions?{query}"
    return answer(page_object([prediction_object(views, each) for each in found[:PAGE]], following))


def full_name(request: Request) -> str:
    return f"{request.path_params['owner']}/{request.path_params['name']}"


def answer(shown: object, status: int = 200) -> Response:
    return JSONResponse(shown, status, headers={"Cache-Control": NEVER_CACHED})


def _shown(request: Request, prediction: Prediction) -> Response:
    return answer(prediction_object(shared(request).views, prediction))
