"""The two routes."""

import base64
import hashlib
from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.web.docs.page import STYLE, written
from app.web.openapi import document
from app.web.shared import shared

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}


async def openapi(request: Request) -> Response:
    return JSONResponse(document(shared(request).views.public_url), headers={"Cache-Control": "no-cache"})


async def page(request: Request) -> Response:
    common = shared(request)
    return HTMLResponse(_page(common.views.public_url, common.policy.default_model), headers=HEADERS)


@cache
def _page(public_url: str, model: str) -> str:
    return written(document(public_url), model)
