"""The two routes."""

from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.web.llms.overview import overview
from app.web.llms.reference import reference
from app.web.openapi import document
from app.web.shared import shared

FRESH = {"Cache-Control": "no-cache"}


async def index(request: Request) -> Response:
    return PlainTextResponse(_index(shared(request).views.public_url), headers=FRESH)


async def full(request: Request) -> Response:
    return PlainTextResponse(_full(shared(request).views.public_url), headers=FRESH)


@cache
def _index(public_url: str) -> str:
    return overview(document(public_url))


@cache
def _full(public_url: str) -> str:
    return reference(document(public_url))
