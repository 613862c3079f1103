"""Canceling and deleting a prediction, its receipt, and the secret that an owner's webhooks are signed with."""

from starlette.requests import Request
from starlette.responses import Response

from app.actions.cancel_prediction import cancel_prediction
from app.actions.delete_prediction import delete_prediction
from app.actions.notify_client import read_signing_secret
from app.actions.read_receipt import read_receipt
from app.db.exchanges import Said
from app.domain.caller import Caller
from app.web.predictions import json_response, path_id, render
from app.web.schemas import Deleted, ExchangeView, ReceiptEntry, ReceiptView, WebhookSecret
from app.web.shared import shared


async def cancel(request: Request, caller: Caller) -> Response:
    common = shared(request)
    prediction = await cancel_prediction(common.database, common.providers, path_id(request), owner=caller.owner)
    return render(request, prediction, 200, {})


async def delete(request: Request, caller: Caller) -> Response:
    common, prediction_id = shared(request), path_id(request)
    await delete_prediction(common.database, common.blobs, prediction_id, owner=caller.owner)
    return json_response(Deleted(id=prediction_id))


async def receipt(request: Request, caller: Caller) -> Response:
    common = shared(request)
    found = await read_receipt(common.database, common.providers, path_id(request), owner=caller.owner)
    timeline = [ReceiptEntry(at=entry.at, kind=entry.kind, detail=entry.detail) for entry in found.timeline]
    exchanges = [exchange_view(said) for said in found.exchanges]
    view = ReceiptView(prediction=common.views.prediction(found.prediction), timeline=timeline, exchanges=exchanges)
    return json_response(view, headers={"Cache-Control": "no-store"}, exclude={"prediction": {"client_token"}})


def exchange_view(said: Said) -> ExchangeView:
    return ExchangeView.model_validate(said, from_attributes=True)


async def webhook_secret(request: Request, caller: Caller) -> Response:
    secret = await read_signing_secret(shared(request).database, caller.owner)
    return json_response(WebhookSecret(key=secret), headers={"Cache-Control": "no-store"})
