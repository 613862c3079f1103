"""`/api/predictions/{id}/variations`."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.create_batch import create_batch
from app.actions.vary_prediction import variations
from app.domain.caller import Caller
from app.web.money import batch_created
from app.web.orders import variation_from
from app.web.predictions import create_from, path_id
from app.web.requests import idempotency_key, read_json
from app.web.schemas import Vary
from app.web.shared import shared


async def create(request: Request, caller: Caller) -> Response:
    """One is a create like any other; more are a batch, admitted together or not at all."""
    common = shared(request)
    prediction_id = path_id(request)
    wanted = variation_from(await read_json(request, Vary), prediction_id, common.policy)
    orders = await variations(common.admission, wanted, caller=caller)
    if len(orders) == 1:
        return await create_from(request, caller, orders[0])
    batch = await create_batch(common.admission, orders, caller=caller, idempotency_key=idempotency_key(request))
    return batch_created(request, batch)
