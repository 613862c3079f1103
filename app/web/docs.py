"""`/openapi.json`, and `/docs`, the same for people."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.web.openapi import document
from app.web.shared import shared


async def openapi(request: Request) -> Response:
    return JSONResponse(document(shared(request).views.public_url))


async def page(request: Request) -> Response:
    return HTMLResponse(json.dumps(document(shared(request).views.public_url)))
