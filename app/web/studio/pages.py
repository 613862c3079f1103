"""`GET /` and what it loads."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.web.etags import is_known, known_tags
from app.web.studio.assets import Asset, read_assets

ASSETS = read_assets()
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: blob: data:",
        "media-src 'self' https: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Pictures may lie in a bucket or behind a CDN; nothing else comes from anywhere but here."""
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
FOR_ALL = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Another origin's page may import the client module, which says nothing of anybody."""


async def index(request: Request) -> Response:
    return _answer(request, ASSETS["index.html"])


async def asset(request: Request) -> Response:
    found = ASSETS.get(request.path_params["path"])
    if found is None:
        raise HTTPException(404)
    return _answer(request, found)


async def client(request: Request) -> Response:
    """`/client.js` and its types, for frontends."""
    return _answer(request, ASSETS[request.url.path.removeprefix("/")], FOR_ALL)


def _answer(request: Request, found: Asset, more: Mapping[str, str] = NOTHING_MORE) -> Response:
    """Asked for anew each time, and sent only if it changed: there is no build that could name versions."""
    headers = {"ETag": found.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", **more}
    if found.content_type.startswith("text/html"):
        headers["Content-Security-Policy"] = POLICY
    if is_known(found.etag, known_tags(request)):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=found.content_type)
    return Response(found.body, headers=headers, media_type=found.content_type)
