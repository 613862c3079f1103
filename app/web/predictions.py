"""`/api/predictions`, and the forms: `/api/generate` and one route for each operation.

The operations have routes of their own beside the form's field `operation`: a route can say in the document which
pictures it needs, and a front end that knows what it wants needs no table of names. They share one limit and one body.
"""

import hmac
import re
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.actions.read_predictions import list_predictions
from app.domain.caller import Caller, Scope
from app.domain.errors import DarkroomError, PredictionNotFound
from app.domain.operations import Operation
from app.domain.order import Order
from app.domain.prediction import Prediction
from app.web.auth import client_token, require_caller
from app.web.buying import buy
from app.web.cursors import write_cursor
from app.web.etags import is_known, known_tags, newest
from app.web.lists import list_filter
from app.web.orders import order_from_create, order_from_form
from app.web.polls.rendered import NEVER_CACHED, Rendered, read_headers
from app.web.requests import clamp_wait, preferred_wait, read_json, single_parameter
from app.web.schemas import CreatePrediction, Form, Generate, Img2Img, Inpaint, PredictionPage, Upscale
from app.web.shared import shared
from app.web.waiting import unless_gone

ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def create(request: Request, caller: Caller) -> Response:
    body = await read_json(request, CreatePrediction)
    return await create_from(request, caller, order_from_create(body, shared(request).policy))


async def generate(request: Request, caller: Caller) -> Response:
    body = await read_json(request, Generate)
    return await create_from(request, caller, order_from_form(body, shared(request).policy, body.operation))


async def img2img(request: Request, caller: Caller) -> Response:
    return await _do(request, caller, Operation.IMG2IMG, Img2Img)


async def inpaint(request: Request, caller: Caller) -> Response:
    return await _do(request, caller, Operation.INPAINT, Inpaint)


async def upscale(request: Request, caller: Caller) -> Response:
    return await _do(request, caller, Operation.UPSCALE, Upscale)


async def _do(request: Request, caller: Caller, operation: Operation, shape: type[Form]) -> Response:
    body = await read_json(request, shape)
    return await create_from(request, caller, order_from_form(body, shared(request).policy, operation))


async def create_from(request: Request, caller: Caller, order: Order) -> Response:
    wait = preferred_wait(request)
    prediction = await buy(request, caller, order, wait)
    headers = {"Location": shared(request).views.url(prediction)}
    if wait is not None:
        headers["Preference-Applied"] = f"wait={wait}"
    return render(request, prediction, 201, headers, with_token=True)


async def read(request: Request) -> Response:
    """Opened by the owner's key, or by the prediction's own client token."""
    wait = single_parameter(request, "wait")
    seconds = None if wait is None else clamp_wait(wait, "wait")
    known = known_tags(request)
    found = await opened(request, at_least=newest(known))
    if seconds is not None:
        found = await unless_gone(request, _changed(request, found, known, seconds))
    if is_known(found.etag, known):
        return Response(status_code=304, headers=read_headers(found.version, is_final=found.is_final))
    headers = read_headers(found.version, is_final=found.is_final)
    return Response(found.body, headers=headers, media_type="application/json")


async def opened(request: Request, *, at_least: int = 0) -> Rendered:
    """For the owner's key, or for the prediction's own client token; no version older than `at_least`.

    Raises PredictionNotFound, Unauthenticated, ForbiddenScope.
    """
    prediction_id = path_id(request)
    token = client_token(request)
    owner = (await require_caller(request, Scope.READ)).owner if token is None else None
    found = await shared(request).reads.read(prediction_id, owner=owner, at_least=at_least)
    if token is not None and not hmac.compare_digest(found.client_token.encode(), token.encode()):
        raise PredictionNotFound("There is no such prediction.")
    return found


async def _changed(request: Request, found: Rendered, known: set[str], seconds: int) -> Rendered:
    """As it is once it differs from what the client knows; final, if it knows nothing."""
    differs = lambda now: bool(known) and not is_known(now.etag, known)  # noqa: E731
    return await shared(request).reads.wait(path_id(request), owner=found.owner, seconds=seconds, until=differs)


async def page(request: Request, caller: Caller) -> Response:
    wanted = list_filter(request)
    found = await list_predictions(shared(request).database, wanted, owner=caller.owner)
    shown = found[: wanted.limit - 1]
    views = [shared(request).views.prediction(each) for each in shown]
    following = write_cursor(shown[-1].id) if len(found) == wanted.limit else None
    view = PredictionPage(data=views, next=following)
    hidden = {"data": {"__all__": {"client_token"}}}
    return json_response(view, headers={"Cache-Control": NEVER_CACHED}, exclude=hidden)


def render(
    request: Request,
    prediction: Prediction,
    status: int,
    headers: dict[str, str],
    *,
    with_token: bool = False,
) -> Response:
    view = shared(request).views.prediction(prediction, with_token=with_token)
    left_out: set[str] = set() if with_token else {"client_token"}
    own = read_headers(prediction.version, is_final=prediction.status.is_final)
    return json_response(view, status, headers=own | headers, exclude=left_out)


def json_response(
    view: BaseModel,
    status: int = 200,
    *,
    headers: dict[str, str] | None = None,
    exclude: set[str] | dict[str, Any] | None = None,
) -> Response:
    body = view.model_dump_json(exclude=exclude)
    return Response(body, status, headers=headers, media_type="application/json")


def path_id(request: Request) -> UUID:
    return uuid_of(request, PredictionNotFound("There is no such prediction."))


def uuid_of(request: Request, otherwise: DarkroomError) -> UUID:
    text = request.path_params["id"]
    if ID.fullmatch(text) is None:
        raise otherwise
    return UUID(text)
