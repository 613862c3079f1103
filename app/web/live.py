"""`GET /api/live`: every change and deletion of the caller's predictions, and to admins every delivery, as server-sent
events.

It begins with `hello`, upon which a client looks at its list; `hello` once more means that something may have been
missed. Whoever does not keep up is cut off, comes back and begins again. Whose key or session has ended is cut off too.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from app.actions.follow_changes import AGAIN, Dropped, Gone, Item, Stream
from app.db.inbox import Kept
from app.domain.caller import Caller, Scope
from app.domain.errors import ForbiddenScope, TemporarilyUnavailable, Unauthenticated
from app.domain.prediction import Prediction
from app.web.auth import require_caller
from app.web.event_stream import EventStream
from app.web.shared import Shared, shared
from app.web.streams import COME_BACK_MILLISECONDS, KEEP_ALIVE_SECONDS

HELLO = "event: hello\ndata: {}\n\n"


async def stream(request: Request, caller: Caller) -> Response:
    return EventStream(request, _events(request, caller))


async def _events(request: Request, caller: Caller) -> AsyncIterator[str]:
    common = shared(request)
    with common.live.watched(caller.owner, sees_deliveries=Scope.ADMIN in caller.scopes) as watched:
        yield f"retry: {COME_BACK_MILLISECONDS}\n\n{HELLO}"
        while True:
            try:
                item = await _next(watched)
            except Dropped:
                return
            if item is not None:
                yield _event(common, item)
            elif await _may_stay(request):
                yield ": still here\n\n"
            else:
                return


async def _next(watched: Stream) -> Item | None:
    """None where nothing came for a while."""
    try:
        async with asyncio.timeout(KEEP_ALIVE_SECONDS):
            return await watched.next()
    except TimeoutError:
        return None


async def _may_stay(request: Request) -> bool:
    try:
        await require_caller(request, Scope.READ)
    except (Unauthenticated, ForbiddenScope):
        return False
    except TemporarilyUnavailable:
        pass
    return True


def _event(common: Shared, item: Item) -> str:
    if isinstance(item, Prediction):
        view = common.views.prediction(item).model_dump_json(exclude={"client_token"})
        return f"event: prediction\ndata: {view}\n\n"
    if isinstance(item, Kept):
        return f"event: delivery\ndata: {json.dumps(_delivery(item))}\n\n"
    if isinstance(item, Gone):
        return f'event: deleted\ndata: {{"id": "{item.id}"}}\n\n'
    assert item == AGAIN  # noqa: S101, there is no other
    return HELLO


def _delivery(kept: Kept) -> dict[str, str | None]:
    return {
        "id": str(kept.id),
        "provider": kept.provider,
        "provider_id": kept.provider_id,
        "prediction_id": str(kept.prediction_id) if kept.prediction_id else None,
        "received_at": kept.received_at.isoformat(),
        "verdict": _verdict(kept),
    }


def _verdict(kept: Kept) -> str:
    if kept.trouble:
        return "unreadable" if kept.trouble == "unreadable" else "set_aside"
    return "applied" if kept.applied_at else "waiting"
