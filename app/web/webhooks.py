"""The providers' door. `/api/webhooks` is Skytells'; every provider has its own beside it."""

import re
from functools import cache

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.actions.receive_webhook import Receipt, receive_webhook
from app.domain.errors import InvalidSignature, TemporarilyUnavailable
from app.domain.ports import Provider
from app.web.requests import read_body
from app.web.schemas import WebhookReceipt
from app.web.shared import shared
from app.web.waiting import within

BARE_PROVIDER = "skytells"
ANSWER_WITHIN_SECONDS = 3.0
NOT_KEPT = "The delivery could not be kept in time; send it again."
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def receive(request: Request) -> Response:
    """200 once it is durable, 503 within three seconds if it cannot be made so."""
    common = shared(request)
    provider = common.providers.get(request.path_params.get("provider", BARE_PROVIDER))
    if provider is None:
        raise HTTPException(404)
    body = b""
    try:
        _refuse_doubled_signatures(request)
        body = await read_body(request)
        receipt = await _received(request, provider, body)
    except InvalidSignature:
        common.traffic.forged_deliveries += 1
        common.bench.keep_rejected(provider.name, request.headers, body)
        raise
    return Response(receipt_body(receipt), media_type="application/json")


@cache
def receipt_body(receipt: Receipt) -> bytes:
    view = WebhookReceipt(duplicate=True if receipt.duplicate else None, matched=None if receipt.matched else False)
    return view.model_dump_json(exclude_none=True).encode()


async def _received(request: Request, provider: Provider, body: bytes) -> Receipt:
    receiving = receive_webhook(
        shared(request).intake,
        provider,
        headers=dict(request.headers),
        body=body,
        callback_token=read_token(request.scope["query_string"]),
    )
    try:
        return await within(ANSWER_WITHIN_SECONDS, receiving)
    except TimeoutError:
        raise TemporarilyUnavailable(NOT_KEPT) from None


def read_token(query: bytes) -> str | None:
    """The callback token; only what could be one of ours."""
    token = QueryParams(query).get("t", "") if query else ""
    return token if TOKEN.fullmatch(token) else None


def _refuse_doubled_signatures(request: Request) -> None:
    """Two signatures in two headers: which one a proxy or we would read is anybody's guess."""
    names = [name for name in request.headers if "signature" in name or name.startswith("webhook-")]
    if len(names) != len(set(names)):
        raise InvalidSignature("A signature header is given more than once.")
