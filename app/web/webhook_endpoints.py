"""`/api/webhook-endpoints`: where an owner wants to be told of all that happens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.actions.manage_endpoints import (
    Wish,
    change_endpoint,
    create_endpoint,
    delete_endpoint,
    list_endpoints,
    read_endpoint,
    read_endpoint_secrets,
    rotate_endpoint_secret,
)
from app.actions.resend_events import MOST_RESENT, list_attempts, resend_missed, send_test_event
from app.db.endpoints import Secrets
from app.domain.caller import Caller
from app.domain.endpoints import Endpoint
from app.domain.errors import EndpointNotFound
from app.web.cursors import read_cursor, write_cursor
from app.web.lists import page_limit
from app.web.predictions import json_response, uuid_of
from app.web.requests import bad_parameter, read_json, single_parameter
from app.web.schemas import (
    AttemptPage,
    ChangeEndpoint,
    CreateEndpoint,
    EndpointCreated,
    EndpointDeleted,
    EndpointList,
    EndpointSecrets,
    EndpointUrls,
    EndpointView,
    ResendMissed,
    Resent,
    RotateSecret,
)
from app.web.shared import shared
from app.web.webhook_events import attempt_view, event_view
from app.web.webhook_urls import checked_url

PRIVATE = {"Cache-Control": "no-store"}
PARAMETERS = ("limit", "cursor")


async def create(request: Request, caller: Caller) -> Response:
    common, body = shared(request), await read_json(request, CreateEndpoint)
    url = checked_url(body.url, "url", common.policy)
    made, secret = await create_endpoint(
        common.database, caller, url=url, events=_once(body.events), description=body.description
    )
    view = EndpointCreated(**_told(request, made), secret=secret)
    return json_response(view, 201, headers={**PRIVATE, "Location": view.urls.get})


async def page(request: Request, caller: Caller) -> Response:
    found = await list_endpoints(shared(request).database, owner=caller.owner)
    return json_response(EndpointList(data=[_view(request, each) for each in found]), headers=PRIVATE)


async def read(request: Request, caller: Caller) -> Response:
    found = await read_endpoint(shared(request).database, _id(request), owner=caller.owner)
    return json_response(_view(request, found), headers=PRIVATE)


async def change(request: Request, caller: Caller) -> Response:
    common, endpoint_id, body = shared(request), _id(request), await read_json(request, ChangeEndpoint)
    wish = Wish(
        url=None if body.url is None else checked_url(body.url, "url", common.policy),
        events=None if body.events is None else _once(body.events),
        description=body.description,
        enabled=body.enabled,
    )
    changed = await change_endpoint(common.database, endpoint_id, wish, owner=caller.owner)
    return json_response(_view(request, changed), headers=PRIVATE)


async def delete(request: Request, caller: Caller) -> Response:
    endpoint_id = _id(request)
    await delete_endpoint(shared(request).database, endpoint_id, owner=caller.owner)
    return json_response(EndpointDeleted(id=endpoint_id), headers=PRIVATE)


async def secret(request: Request, caller: Caller) -> Response:
    found = await read_endpoint_secrets(shared(request).database, _id(request), owner=caller.owner)
    return _secrets(found)


async def rotate(request: Request, caller: Caller) -> Response:
    endpoint_id, body = _id(request), await read_json(request, RotateSecret)
    overlap = timedelta(hours=body.overlap_hours)
    return _secrets(
        await rotate_endpoint_secret(shared(request).database, endpoint_id, owner=caller.owner, overlap=overlap)
    )


async def test(request: Request, caller: Caller) -> Response:
    event = await send_test_event(shared(request).database, _id(request), owner=caller.owner)
    return json_response(event_view(event), 202, headers=PRIVATE)


async def resend(request: Request, caller: Caller) -> Response:
    endpoint_id, body = _id(request), await read_json(request, ResendMissed)
    count = await resend_missed(shared(request).database, endpoint_id, body.since, owner=caller.owner)
    return json_response(Resent(events=count, more=count >= MOST_RESENT), 202, headers=PRIVATE)


async def attempts(request: Request, caller: Caller) -> Response:
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    limit, cursor = page_limit(single_parameter(request, "limit")), single_parameter(request, "cursor")
    before = None if cursor is None else read_cursor(cursor)
    found = await list_attempts(
        shared(request).database, _id(request), owner=caller.owner, limit=limit + 1, before=before
    )
    shown = found[:limit]
    following = write_cursor(shown[-1].id) if len(found) > limit else None
    return json_response(AttemptPage(data=[attempt_view(each) for each in shown], next=following), headers=PRIVATE)


def _id(request: Request) -> UUID:
    return uuid_of(request, EndpointNotFound("There is no such endpoint."))


def _once(events: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(events))


def _view(request: Request, endpoint: Endpoint) -> EndpointView:
    return EndpointView(**_told(request, endpoint))


def _told(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    names = ("id", "url", "description", "state", "disabled_at", "failing_since", "key_id", "created_at", "updated_at")
    root = shared(request).views.public_url
    own = f"{root}/api/webhook-endpoints/{endpoint.id}"
    return {
        **{name: getattr(endpoint, name) for name in names},
        "events": list(endpoint.events),
        "disabled_reason": endpoint.disabled_reason and endpoint.disabled_reason.value,
        "urls": EndpointUrls(
            get=own, attempts=f"{own}/attempts", events=f"{root}/api/webhook-events?endpoint={endpoint.id}"
        ),
    }


def _secrets(found: Secrets) -> Response:
    view = EndpointSecrets(secret=found.current, previous_secret=found.previous, previous_until=found.previous_until)
    return json_response(view, headers=PRIVATE)
