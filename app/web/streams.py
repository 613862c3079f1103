"""`GET /api/predictions/{id}/events`: a prediction's changes as server-sent events, ending with the final one.

Every event carries the prediction as it is then, under its version as id. Who comes back with `Last-Event-ID` gets
what he has not seen; once he has seen the end, 204 tells his browser not to come again (HTML, section 9.2.3).
"""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from app.web.event_stream import EventStream
from app.web.polls.reads import Reads
from app.web.predictions import opened, path_id
from app.web.shared import shared

KEEP_ALIVE_SECONDS = 15.0
COME_BACK_MILLISECONDS = 2000
STILL_HERE = b": still here\n\n"


async def stream(request: Request) -> Response:
    """Opened by the owner's key, or by the prediction's own client token."""
    found, seen = await opened(request), _last_seen(request)
    if found.is_final and seen >= found.version:
        return Response(status_code=204)
    return EventStream(request, _events(shared(request).reads, path_id(request), found.owner, seen))


async def _events(reads: Reads, prediction_id: UUID, owner: str, seen: int) -> AsyncIterator[bytes]:
    """While nothing changes nothing is read."""
    yield b"retry: %d\n\n" % COME_BACK_MILLISECONDS
    with reads.changes.of(prediction_id) as change:
        while True:
            found = await reads.read(prediction_id, owner=owner)
            if found.version > seen:
                seen = found.version
                yield b"id: %d\nevent: prediction\ndata: %b\n\n" % (seen, found.body)
            else:
                yield STILL_HERE
            if found.is_final:
                return
            while not await change.wait(KEEP_ALIVE_SECONDS):
                yield STILL_HERE


def _last_seen(request: Request) -> int:
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
