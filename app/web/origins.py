"""From which page a request comes, where a browser tells: nobody else's page may change anything here.

A browser names the page's origin on everything that is not a plain read. Ours is that of our public address, or the
address that the request itself went to, whatever it is called there (`localhost`, a tunnel). A page that had its own
name point to this machine is of its `Host` then, and `auth` takes that for a stranger.

Origins of CORS_ORIGINS are let in with a key of their own in a header: never on the strength of a cookie, nor of this
machine needing none. The webhook door looks at no origin: providers send none, a page could not send a signature's
headers without a preflight that we refuse, and the signature is the proof. A delivery is worth more than a header.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.web.errors import problem

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
DOOR = "/api/webhooks"
KEY_HEADERS = ("authorization", "x-api-key")
USUAL_PORTS = {"http": 80, "https": 443}
FOREIGN = "The page that sent this is not ours; only our own, and those of CORS_ORIGINS with a key, may change things."


class OwnOrigins:
    """Refuses what another site's page sends, before anything is read."""

    def __init__(self, app: ASGIApp, *, public_url: str = "", named: Collection[str] = ()) -> None:
        self._app = app
        self._public_url = public_url
        self._named = frozenset(named)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE and not _is_door(scope["path"]):
            request = Request(scope)
            if is_foreign(request, self._public_url) and not self._is_let_in(request):
                await problem(request, 403, "foreign_origin", FOREIGN)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_let_in(self, request: Request) -> bool:
        named = "*" in self._named or request.headers.get("origin") in self._named
        return named and any(name in request.headers for name in KEY_HEADERS)


def is_foreign(request: Request, public_url: str) -> bool:
    """Whether it says that it comes from another site. What says nothing is no browser."""
    origins = request.headers.getlist("origin")
    if origins:
        return not all(_is_own(request, origin, public_url) for origin in origins)
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def is_proven(request: Request, public_url: str) -> bool:
    """Whether a browser vouches that it comes from a page of ours: for cookies, which it sends along unasked."""
    says = request.headers.get("sec-fetch-site") == "same-origin" or "origin" in request.headers
    return says and not is_foreign(request, public_url)


def _is_own(request: Request, origin: str, public_url: str) -> bool:
    given = _place(origin)
    if given is None:
        return False
    if given == _place(public_url):
        return True
    host = _place(f"{given[0]}://{request.headers.get('host', '')}")
    return given == host


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port. None for what names none, as `null` does."""
    try:
        parts = urlsplit(url)
        port = parts.port or USUAL_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    if parts.scheme not in USUAL_PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port


def _is_door(path: str) -> bool:
    return path == DOOR or path.startswith(f"{DOOR}/")
