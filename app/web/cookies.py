"""The cookie of those who signed in: an opaque token, for our own pages alone.

`__Host-` where we are https: no other site, not even one of a neighbouring subdomain, can set such a cookie.
"""

from starlette.requests import Request
from starlette.responses import Response

from app.db.sessions import LONGEST_SECONDS
from app.web.shared import shared

NAME = "darkroom_session"
LONGEST_TOKEN = 100


def session_token(request: Request) -> str | None:
    token = request.cookies.get(_name(request), "")
    return token if 0 < len(token) <= LONGEST_TOKEN and token.isascii() else None


def set_session(request: Request, answer: Response, token: str) -> None:
    answer.set_cookie(
        _name(request),
        token,
        max_age=LONGEST_SECONDS,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )


def clear_session(request: Request, answer: Response) -> None:
    answer.delete_cookie(_name(request), path="/", secure=_is_secure(request), httponly=True, samesite="strict")


def _name(request: Request) -> str:
    return f"__Host-{NAME}" if _is_secure(request) else NAME


def _is_secure(request: Request) -> bool:
    return shared(request).views.public_url.startswith("https://")
