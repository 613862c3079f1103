"""`GET /predictions`, by numbered pages, and one of them."""

import re
from datetime import UTC, date, datetime, time, timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.actions.read_predictions import count_predictions, list_predictions, read_prediction
from app.db.lookups import ListFilter
from app.domain.caller import Caller
from app.domain.errors import FieldProblem, InvalidRequest
from app.domain.prediction import Status
from app.web.compat.answers import answered
from app.web.compat.skytells.creating import told
from app.web.compat.skytells.models import OWN, kinds
from app.web.compat.skytells.views import STATUSES, prediction_view
from app.web.predictions import path_id
from app.web.requests import bad_parameter, single_parameter
from app.web.shared import Shared, shared
from app.web.strict_json import UNSTORABLE

PARAMETERS = ("page", "per_page", "from", "to", "model", "status")
USUAL_SIZE, LARGEST_SIZE, LAST_PAGE = 20, 50, 100_000
WANTED = {word: status for status, word in STATUSES.items()} | {
    "queued": Status.STARTING,
    "starting": Status.STARTING,
    "started": Status.PROCESSING,
    "canceled": Status.CANCELED,
}


async def read(request: Request, caller: Caller) -> Response:
    """Also `…/stream`, where the clients look for the prediction and its `urls.stream`."""
    common = shared(request)
    return await told(common, await read_prediction(common.database, path_id(request), owner=caller.owner))


async def page(request: Request, caller: Caller) -> Response:
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    common = shared(request)
    number = _whole(request, "page", LAST_PAGE, 1)
    size = _whole(request, "per_page", LARGEST_SIZE, USUAL_SIZE)
    wanted = _filter(request, size, (number - 1) * size, common)
    found = await list_predictions(common.database, wanted, owner=caller.owner)
    total = await count_predictions(common.database, wanted, owner=caller.owner)
    by_model = await kinds(common)
    rows = [prediction_view(common.views, each, kind=by_model.get((each.provider, each.model))) for each in found]
    last = max(1, -(-total // size))
    pagination = {"current_page": number, "per_page": size, "total": total, "last_page": last}
    return answered({"data": rows, "pagination": pagination})


def _filter(request: Request, size: int, skip: int, common: Shared) -> ListFilter:
    first, last = _day(request, "from"), _day(request, "to")
    if first and last and first > last:
        problems = (FieldProblem("from", "lies after to"), FieldProblem("to", "lies before from"))
        raise InvalidRequest("The days are in the wrong order.", problems=problems)
    provider, model = _model(single_parameter(request, "model"), common)
    return ListFilter(
        limit=size,
        skip=skip,
        status=_status(single_parameter(request, "status")),
        provider=provider,
        model=model,
        created_after=_midnight(first),
        created_before=_midnight(last and last + timedelta(days=1)),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _model(name: str | None, common: Shared) -> tuple[str | None, str | None]:
    """Its provider, if it is named or meant, and its slug."""
    if name is None:
        return None, None
    if UNSTORABLE.search(name):
        raise bad_parameter("model", "has a NUL")
    provider, _, slug = name.partition("/")
    if slug and provider in common.models.providers:
        return provider, slug
    return (OWN if OWN in common.models.providers else None), name


def _status(word: str | None) -> Status | None:
    if word is not None and word not in WANTED:
        raise bad_parameter("status", f"must be one of {', '.join(WANTED)}")
    return None if word is None else WANTED[word]


def _day(request: Request, name: str) -> date | None:
    text = single_parameter(request, name)
    if text is None:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is None:
            raise ValueError
        day = date.fromisoformat(text)
        if day == date.max:
            raise ValueError
    except ValueError:
        raise bad_parameter(name, "must be a day such as 2026-11-01") from None
    return day


def _whole(request: Request, name: str, most: int, usual: int) -> int:
    text = single_parameter(request, name)
    if text is None:
        return usual
    if re.fullmatch(r"\d{1,6}", text, re.ASCII) is None or not 1 <= int(text) <= most:
        raise bad_parameter(name, f"must be a whole number from 1 to {most:,}")
    return int(text)
