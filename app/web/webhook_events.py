"""`/api/webhook-events`: what an owner's webhooks were told, or are still to be told, and every attempt."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.actions.resend_events import list_events, read_event, resend_event
from app.db.attempts import Attempt
from app.db.notice_lists import Event, EventFilter
from app.domain.caller import Caller
from app.domain.endpoints import EVENT_TYPES, TEST
from app.domain.errors import EventNotFound
from app.domain.notices import webhook_id
from app.web.cursors import read_cursor, write_cursor
from app.web.lists import page_limit
from app.web.predictions import ID, json_response, uuid_of
from app.web.requests import bad_parameter, single_parameter
from app.web.schemas import AttemptView, EventDetail, EventPage, EventView
from app.web.shared import shared

PARAMETERS = ("limit", "cursor", "endpoint", "prediction", "state", "type")
STATES = ("pending", "delivered", "failed")
PRIVATE = {"Cache-Control": "no-store"}


async def page(request: Request, caller: Caller) -> Response:
    wanted = _filter(request)
    found = await list_events(shared(request).database, wanted, owner=caller.owner)
    shown = found[: wanted.limit - 1]
    following = write_cursor(shown[-1].id) if len(found) == wanted.limit else None
    return json_response(EventPage(data=[event_view(each) for each in shown], next=following), headers=PRIVATE)


async def read(request: Request, caller: Caller) -> Response:
    event, made = await read_event(shared(request).database, _id(request), owner=caller.owner)
    view = EventDetail(**dict(event_view(event)), history=[attempt_view(each) for each in made])
    return json_response(view, headers=PRIVATE)


async def resend(request: Request, caller: Caller) -> Response:
    event = await resend_event(shared(request).database, _id(request), owner=caller.owner)
    return json_response(event_view(event), 202, headers=PRIVATE)


def event_view(event: Event) -> EventView:
    names = [name for name in EventView.model_fields if name != "webhook_id"]
    return EventView(**{name: getattr(event, name) for name in names}, webhook_id=webhook_id(event.id))


def attempt_view(attempt: Attempt) -> AttemptView:
    names = [name for name in AttemptView.model_fields if name != "event_id"]
    return AttemptView(**{name: getattr(attempt, name) for name in names}, event_id=attempt.notice_id)


def _filter(request: Request) -> EventFilter:
    """One more than asked for, which tells whether there is a next page."""
    for unknown in sorted(set(request.query_params) - set(PARAMETERS)):
        raise bad_parameter(unknown, "is not a parameter of this list")
    given = {name: single_parameter(request, name) for name in PARAMETERS}
    return EventFilter(
        limit=page_limit(given["limit"]) + 1,
        before=None if given["cursor"] is None else read_cursor(given["cursor"]),
        endpoint_id=_uuid(given["endpoint"], "endpoint"),
        prediction_id=_uuid(given["prediction"], "prediction"),
        state=_word(given["state"], "state", STATES),  # type: ignore[arg-type]  # one of them
        type=_word(given["type"], "type", (*EVENT_TYPES, TEST)),
    )


def _uuid(text: str | None, name: str) -> UUID | None:
    if text is not None and ID.fullmatch(text) is None:
        raise bad_parameter(name, "must be an id")
    return None if text is None else UUID(text)


def _word(text: str | None, name: str, words: tuple[str, ...]) -> str | None:
    if text is not None and text not in words:
        raise bad_parameter(name, f"must be one of {', '.join(words)}")
    return text


def _id(request: Request) -> UUID:
    return uuid_of(request, EventNotFound("There is no such event."))
