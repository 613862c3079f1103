"""`/api/batches` and `/api/costs`."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from app.actions.create_batch import Batch, create_batch, read_batch
from app.actions.read_costs import DAYS, Costs, read_costs
from app.db.costs import Share
from app.domain.caller import Caller
from app.domain.errors import BatchNotFound, FieldProblem, InvalidRequest
from app.web.orders import order_from_create
from app.web.polls.rendered import NEVER_CACHED
from app.web.predictions import json_response, uuid_of
from app.web.requests import idempotency_key, read_json, single_parameter
from app.web.schemas import BatchView, CostsView, CreateBatch, DriftView, ShareView
from app.web.shared import shared

MOST_DAYS = 366


async def create(request: Request, caller: Caller) -> Response:
    common = shared(request)
    body = await read_json(request, CreateBatch)
    orders = [order_from_create(each, common.policy) for each in body.predictions]
    batch = await create_batch(common.admission, orders, caller=caller, idempotency_key=idempotency_key(request))
    return batch_created(request, batch)


def batch_created(request: Request, batch: Batch) -> Response:
    headers = {"Location": f"{shared(request).views.public_url}/api/batches/{batch.id}"}
    return _render(request, batch, 201, headers, with_tokens=True)


async def read(request: Request, caller: Caller) -> Response:
    batch_id = uuid_of(request, BatchNotFound("There is no such batch."))
    return _render(request, await read_batch(shared(request).database, batch_id, owner=caller.owner), 200, {})


def _render(
    request: Request, batch: Batch, status: int, headers: dict[str, str], *, with_tokens: bool = False
) -> Response:
    views = [shared(request).views.prediction(each, with_token=with_tokens) for each in batch.predictions]
    counts = Counter(view.status for view in views)
    hidden = None if with_tokens else {"predictions": {"__all__": {"client_token"}}}
    view = BatchView(id=batch.id, predictions=views, counts=dict(counts))
    return json_response(view, status, headers={"Cache-Control": NEVER_CACHED, **headers}, exclude=hidden)


async def costs(request: Request, caller: Caller) -> Response:
    common = shared(request)
    found = await read_costs(common.database, common.admission.budgets, caller, days=_days(request))
    return json_response(costs_view(found), headers={"Cache-Control": NEVER_CACHED})


def costs_view(found: Costs) -> CostsView:
    labels = {str(key): name or f"dk_{prefix}_…" for key, (prefix, name) in found.key_names.items()}
    return CostsView(
        timezone=found.timezone,
        day=found.day,
        today=found.today,
        total=found.total,
        held=found.held,
        daily_budget=found.daily_budget,
        budget_remaining=found.budget_remaining,
        resets_at=found.resets_at,
        days=_shares(found.days),
        providers=_shares(found.providers),
        models=_shares(found.models),
        keys=[_share(share, labels.get(share.name)) for share in found.keys],
        drift=[DriftView.model_validate(each, from_attributes=True) for each in found.drift],
    )


def _shares(shares: list[Share]) -> list[ShareView]:
    return [_share(share, None) for share in shares]


def _share(share: Share, label: str | None) -> ShareView:
    return ShareView(name=share.name, label=label, captured=share.captured, predictions=share.predictions)


def _days(request: Request) -> int:
    given = single_parameter(request, "days")
    if given is None:
        return DAYS
    if not (given.isascii() and given.isdecimal()) or not 1 <= int(given[:6]) <= MOST_DAYS:
        problem = FieldProblem("days", f"a whole number from 1 to {MOST_DAYS}")
        raise InvalidRequest("`days` cannot be used.", problems=(problem,))
    return int(given)
