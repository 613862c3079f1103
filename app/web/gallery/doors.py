"""Publishing, and the three routes that are open to everybody."""

import re
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.actions.publish_prediction import list_published, publish_prediction, read_published
from app.domain.caller import Caller
from app.domain.errors import InvalidRequest, PredictionNotFound
from app.web.cursors import read_cursor, write_cursor
from app.web.gallery import pages
from app.web.gallery.items import item
from app.web.predictions import json_response, path_id, render
from app.web.requests import bad_parameter, single_parameter
from app.web.schemas import GalleryItem, GalleryPage
from app.web.shared import shared

USUAL_LIMIT, LARGEST_LIMIT = 24, 100
FRESH = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex, noimageindex"}


async def publish(request: Request, caller: Caller) -> Response:
    return await _turned(request, caller, published=True)


async def unpublish(request: Request, caller: Caller) -> Response:
    return await _turned(request, caller, published=False)


async def _turned(request: Request, caller: Caller, *, published: bool) -> Response:
    database = shared(request).database
    prediction = await publish_prediction(database, path_id(request), owner=caller.owner, published=published)
    return render(request, prediction, 200, {})


async def items(request: Request) -> Response:
    return json_response(await _page(request), headers=FRESH)


async def page(request: Request) -> Response:
    """A cursor that is none begins anew: people are not told of parameters."""
    try:
        found = await _page(request)
    except InvalidRequest:
        return Response(status_code=303, headers={"Location": "/gallery"})
    is_first = "cursor" not in request.query_params
    return _html(pages.wall(found, shared(request).views.public_url, is_first=is_first))


async def picture(request: Request) -> Response:
    common = shared(request)
    try:
        found = item(await read_published(common.database, path_id(request)), common.views)
    except PredictionNotFound:
        return _html(pages.missing(), 404)
    return _html(pages.single(found, common.views.public_url))


async def _page(request: Request) -> GalleryPage:
    limit, views = _limit(request), shared(request).views
    found = await list_published(shared(request).database, limit=limit + 1, before=_before(request))
    shown: list[GalleryItem] = [item(each, views) for each in found[:limit]]
    return GalleryPage(data=shown, next=write_cursor(shown[-1].id) if len(found) > limit else None)


def _before(request: Request) -> UUID | None:
    cursor = single_parameter(request, "cursor")
    return None if cursor is None else read_cursor(cursor)


def _limit(request: Request) -> int:
    text = single_parameter(request, "limit")
    if text is None:
        return USUAL_LIMIT
    if re.fullmatch(r"[0-9]{1,3}", text) is None or not 1 <= int(text) <= LARGEST_LIMIT:
        raise bad_parameter("limit", f"must be a whole number from 1 to {LARGEST_LIMIT}")
    return int(text)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers={**FRESH, "Content-Security-Policy": pages.POLICY})
