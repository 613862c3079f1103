"""`/api/predictions` and `/api/generate`."""

import hmac
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.actions.create_prediction import Order, create_prediction
from app.actions.read_predictions import await_prediction, list_predictions, read_prediction
from app.db.predictions import ListFilter
from app.domain.errors import FieldProblem, InvalidRequest, PredictionNotFound
from app.domain.prediction import Prediction, Status
from app.web.auth import client_token, require_owner
from app.web.cursors import read_cursor, write_cursor
from app.web.orders import order_from_create, order_from_form
from app.web.requests import clamp_wait, idempotency_key, preferred_wait, read_json, single_header
from app.web.schemas import CreatePrediction, Generate, PredictionPage
from app.web.shared import shared

POLL_AGAIN_SECONDS = 1
NEVER_CACHED = "private, no-cache"


async def create(request: Request, owner: str) -> Response:
    body = await read_json(request, CreatePrediction)
    return await _create(request, owner, order_from_create(body, shared(request).policy))


async def generate(request: Request, owner: str) -> Response:
    body = await read_json(request, Generate)
    order = await order_from_form(body, shared(request).policy, shared(request).models)
    return await _create(request, owner, order)


async def _create(request: Request, owner: str, order: Order) -> Response:
    common = shared(request)
    wait = preferred_wait(request)
    prediction = await create_prediction(
        common.database,
        common.providers,
        common.models,
        order,
        owner=owner,
        idempotency_key=idempotency_key(request),
    )
    if wait is not None:
        prediction = await await_prediction(
            common.database, common.changes, prediction.id, owner=owner, seconds=wait, until=_is_final
        )
    headers = {"Location": common.views.url(prediction)}
    if wait is not None:
        headers["Preference-Applied"] = f"wait={wait}"
    return render(request, prediction, 201, headers, with_token=True)


async def read(request: Request) -> Response:
    """Opened by the owner's key, or by the prediction's own client token."""
    common = shared(request)
    prediction_id = path_id(request)
    token = client_token(request)
    owner = None if token else await require_owner(request)
    prediction = await read_prediction(common.database, prediction_id, owner=owner)
    if token and not hmac.compare_digest(prediction.client_token.encode(), token.encode()):
        raise PredictionNotFound("There is no such prediction.")
    known = _known_tags(request)
    wait = request.query_params.get("wait")
    if wait is not None:
        prediction = await await_prediction(
            common.database,
            common.changes,
            prediction_id,
            owner=owner,
            seconds=clamp_wait(wait, "wait"),
            until=lambda now: bool(known) and not _is_known(now, known),
        )
    if _is_known(prediction, known):
        return Response(status_code=304, headers=_read_headers(prediction))
    return render(request, prediction, 200, {})


async def page(request: Request, owner: str) -> Response:
    wanted = _list_filter(request)
    found = await list_predictions(shared(request).database, wanted, owner=owner)
    shown = found[: wanted.limit - 1]
    views = [shared(request).views.prediction(each) for each in shown]
    following = write_cursor(shown[-1].id) if len(found) == wanted.limit else None
    return json_response(PredictionPage(data=views, next=following), headers={"Cache-Control": NEVER_CACHED})


def render(
    request: Request,
    prediction: Prediction,
    status: int,
    headers: dict[str, str],
    *,
    with_token: bool = False,
) -> Response:
    view = shared(request).views.prediction(prediction, with_token=with_token)
    left_out = set() if with_token else {"client_token"}
    return json_response(view, status, headers=_read_headers(prediction) | headers, exclude=left_out)


def json_response(
    view: BaseModel,
    status: int = 200,
    *,
    headers: dict[str, str] | None = None,
    exclude: set[str] | None = None,
) -> Response:
    body = view.model_dump_json(exclude=exclude)
    return Response(body, status, headers=headers, media_type="application/json")


def path_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise PredictionNotFound("There is no such prediction.") from None


def _read_headers(prediction: Prediction) -> dict[str, str]:
    headers = {"ETag": f'"{prediction.version}"', "Cache-Control": NEVER_CACHED}
    if not prediction.status.is_final:
        headers["Retry-After"] = str(POLL_AGAIN_SECONDS)
    return headers


def _known_tags(request: Request) -> set[str]:
    tags = (single_header(request, "If-None-Match") or "").split(",")
    return {tag.strip().removeprefix("W/") for tag in tags if tag.strip()}


def _is_known(prediction: Prediction, known: set[str]) -> bool:
    return "*" in known or f'"{prediction.version}"' in known


def _is_final(prediction: Prediction) -> bool:
    return prediction.status.is_final


def _list_filter(request: Request) -> ListFilter:
    """One more than asked for, which tells whether there is a next page."""
    given = request.query_params
    unknown = set(given) - {
        "limit",
        "cursor",
        "status",
        "provider",
        "model",
        "created_after",
        "created_before",
    }
    if unknown:
        raise _bad_parameter(sorted(unknown)[0], "is not a parameter of this list")
    status = given.get("status")
    if status is not None and status not in list(Status):
        raise _bad_parameter("status", f"must be one of {', '.join(Status)}")
    return ListFilter(
        limit=_limit(given.get("limit", "20")) + 1,
        before=read_cursor(given["cursor"]) if "cursor" in given else None,
        status=Status(status) if status else None,
        provider=given.get("provider"),
        model=given.get("model"),
        created_after=_time(given.get("created_after"), "created_after"),
        created_before=_time(given.get("created_before"), "created_before"),
    )


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 100):
        raise _bad_parameter("limit", "must be a whole number from 1 to 100")
    return int(text)


def _time(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise _bad_parameter(name, "must be an RFC 3339 time") from None
    if time.tzinfo is None:
        raise _bad_parameter(name, "must name its offset, such as Z")
    return time


def _bad_parameter(name: str, message: str) -> InvalidRequest:
    return InvalidRequest("A parameter does not fit.", problems=(FieldProblem(name[:60], message),))
