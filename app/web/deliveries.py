"""`/api/deliveries`: what the providers told us, for those who run the service; and deliveries of their own making."""

import asyncio
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.actions.handle_deliveries import attach_delivery, list_deliveries, read_delivery, replay_delivery
from app.actions.send_delivery import Prepared, Trial, prepare_delivery, send_prepared
from app.db.inbox import Kept
from app.domain.caller import Caller
from app.domain.errors import DeliveryNotFound
from app.domain.ports import Providers, UnreadableDelivery
from app.outbound.own_door import Knock
from app.web.bench import Bench, Rejected
from app.web.cursors import read_cursor, write_cursor
from app.web.lists import page_limit
from app.web.predictions import json_response, uuid_of
from app.web.requests import bad_parameter, read_json, single_parameter
from app.web.schemas import (
    Attach,
    DeliveryDetail,
    DeliveryPage,
    DeliveryView,
    FindingView,
    RejectedPage,
    RejectedView,
    Replayed,
    SendDelivery,
    SentAnswer,
    SentDelivery,
    SentRequest,
)
from app.web.shared import shared

PARAMETERS = ("limit", "cursor", "pending")
PRIVATE = {"Cache-Control": "no-store"}


async def page(request: Request, _: Caller) -> Response:
    limit, before, pending = _query(request)
    found = await list_deliveries(shared(request).database, limit=limit + 1, only_pending=pending, before=before)
    shown = found[:limit]
    views = [_view(each, shared(request).providers) for each in shown]
    following = write_cursor(shown[-1].id) if len(found) > limit else None
    return json_response(DeliveryPage(data=views, next=following), headers=PRIVATE)


async def read(request: Request, _: Caller) -> Response:
    kept = await read_delivery(shared(request).database, _id(request))
    view = _view(kept, shared(request).providers)
    return json_response(DeliveryDetail(**dict(view), body=_text(kept.body)), headers=PRIVATE)


async def replay(request: Request, _: Caller) -> Response:
    common, delivery_id = shared(request), _id(request)
    applied = await replay_delivery(common.database, common.providers, delivery_id)
    kept = await read_delivery(common.database, delivery_id)
    return json_response(Replayed(applied=applied, delivery=_view(kept, common.providers)), headers=PRIVATE)


async def attach(request: Request, _: Caller) -> Response:
    common, delivery_id = shared(request), _id(request)
    wanted = UUID((await read_json(request, Attach)).prediction_id)
    await attach_delivery(common.database, common.providers, delivery_id, wanted)
    kept = await read_delivery(common.database, delivery_id)
    return json_response(Replayed(applied=True, delivery=_view(kept, common.providers)), headers=PRIVATE)


async def send(request: Request, _: Caller) -> Response:
    """Through the real door, at APP_URL: what stands in front of it is tried with it."""
    common, body = shared(request), await read_json(request, SendDelivery)
    prepared = await prepare_delivery(
        common.database, common.bench.senders, _trial(body), door_url=common.bench.door_url
    )
    answer = None if body.dry_run else _answer(await send_prepared(prepared))
    view = SentDelivery(provider=prepared.provider, request=_request(prepared), answer=answer)
    return json_response(view, headers=PRIVATE)


async def rejected(request: Request, _: Caller) -> Response:
    """In development alone, from memory; nothing is stored of them."""
    common = shared(request)
    if common.bench.rejected is None:
        raise HTTPException(404)
    found = list(common.bench.rejected)
    views = await asyncio.to_thread(lambda: [_rejected(each, common.providers, common.bench) for each in found])
    return json_response(RejectedPage(data=views), headers=PRIVATE)


def _query(request: Request) -> tuple[int, UUID | None, bool]:
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    limit, cursor, pending = (single_parameter(request, name) for name in PARAMETERS)
    if pending not in (None, "true", "false"):
        raise bad_parameter("pending", "must be true or false")
    return page_limit(limit), None if cursor is None else read_cursor(cursor), pending == "true"


def _id(request: Request) -> UUID:
    return uuid_of(request, DeliveryNotFound("There is no such delivery."))


def _trial(body: SendDelivery) -> Trial:
    return Trial(
        event=body.event,
        provider=body.provider,
        prediction_id=UUID(body.prediction_id) if body.prediction_id else None,
        dialect=body.dialect,
        overrides=body.overrides,
        body=body.body,
    )


def _request(prepared: Prepared) -> SentRequest:
    return SentRequest(url=prepared.url, headers=dict(prepared.headers), body=_text(prepared.body))


def _answer(found: Knock) -> SentAnswer:
    body = dict(found.answer) if found.answer is not None else None
    return SentAnswer(status=found.status, trouble=found.trouble, body=body)


def _view(kept: Kept, providers: Providers) -> DeliveryView:
    return DeliveryView(
        id=kept.id,
        provider=kept.provider,
        provider_id=kept.provider_id,
        prediction_id=kept.prediction_id,
        verdict=kept.verdict,
        says=_says(kept, providers),
        trouble=kept.trouble,
        copies=kept.copies,
        bytes=len(kept.body),
        received_at=kept.received_at,
        applied_at=kept.applied_at,
    )


def _says(kept: Kept, providers: Providers) -> str | None:
    try:
        return providers[kept.provider].read_delivery(kept.body).state.value
    except UnreadableDelivery:
        return None


def _rejected(each: Rejected, providers: Providers, bench: Bench) -> RejectedView:
    findings = each.diagnose(providers, bench.known)
    return RejectedView(
        id=each.id,
        provider=each.provider,
        bytes=each.size,
        received_at=each.received_at,
        headers=dict(each.headers),
        body=_text(each.body),
        findings=[FindingView.model_validate(found, from_attributes=True) for found in findings],
    )


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
