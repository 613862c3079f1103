"""Who is asking, and what he may: the caller a key or a session stands for, or the bearer of one prediction's token.

In development a request straight from this machine needs no key. One that came through a tunnel does: everything
else about it looks local, so the tunnel's forwarding headers and the `Host` decide.
"""

import ipaddress
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from app.db import sessions
from app.domain.caller import Caller, Scope
from app.domain.errors import ForbiddenScope, Unauthenticated
from app.web.cookies import session_token
from app.web.errors import RequestProblem
from app.web.origins import FOREIGN, SAFE, is_proven
from app.web.requests import single_header, single_parameter
from app.web.shared import Policy, shared

DEVELOPER = Caller("development")
"""Where no key is needed: he may do everything."""
READS = ("GET", "HEAD")
SCHEMES = ("bearer", "token")
"""The latter is in Replicate's older examples."""
CLIENT_TOKENS = "ct_"
SIGNED_IN = "darkroom.signed_in"
"""Set in a request's scope where a session opened it, not a key."""
CALLER = "darkroom.caller"
"""And where it keeps who was found to be asking; nobody, where a client token opened it."""
FORWARDING = (
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "cdn-loop",
)
FORWARDING_FAMILIES = ("x-forwarded", "x-original-", "x-envoy-", "x-amz", "x-azure-", "cf-", "ngrok-")

Handler = Callable[[Request], Awaitable[Response]]
OwnedHandler = Callable[[Request, Caller], Awaitable[Response]]


def owned(handler: OwnedHandler, scope: Scope | None = None) -> Handler:
    """A route for owners: without a valid key it answers 401, without the scope 403, before the handler is reached.

    Left out, the scope is `read` for reads and `create` for all that changes something.
    """

    async def authenticated(request: Request) -> Response:
        usual = Scope.READ if request.method in READS else Scope.CREATE
        return await handler(request, await require_caller(request, scope or usual))

    return authenticated


def local(handler: Handler) -> Handler:
    """A route that is open, but not through a tunnel: what that shows of a laptop is for those with a key."""

    async def checked(request: Request) -> Response:
        if shared(request).policy.loopback_needs_no_key:
            await require_caller(request)
        return await handler(request)

    return checked


async def require_caller(request: Request, scope: Scope | None = None) -> Caller:
    """Raises Unauthenticated, and ForbiddenScope before anything of the caller's is looked up."""
    caller = request.scope[CALLER] = await _caller(request)
    if scope is not None and scope not in caller.scopes:
        raise ForbiddenScope(scope)
    return caller


async def _caller(request: Request) -> Caller:
    key = given_key(request)
    if key is None:
        signed_in = await _signed_in(request)
        if signed_in is not None:
            return signed_in
        if _needs_no_key(request, shared(request).policy):
            return DEVELOPER
        raise Unauthenticated(
            "Send a key as `Authorization: Bearer dk_…` or `x-api-key`; `darkroom keys create` makes one."
        )
    caller = await shared(request).callers.find(key)
    if caller is None:
        raise Unauthenticated("This key is unknown, or was revoked or rotated.")
    return caller


async def _signed_in(request: Request) -> Caller | None:
    """Whom the cookie stands for. One that opens nothing, any more or here, is as none."""
    token = session_token(request)
    if token is None:
        return None
    async with shared(request).database.transaction() as tx:
        caller = await sessions.find_caller(tx, token)
    if caller is not None:
        request.scope[SIGNED_IN] = True
        if request.method not in SAFE:
            require_own_page(request)
    return caller


def require_own_page(request: Request) -> None:
    """Raises RequestProblem for what no browser says is sent by a page of ours."""
    if not is_proven(request, shared(request).views.public_url):
        raise RequestProblem("foreign_origin", FOREIGN)


def given_key(request: Request) -> str | None:
    """The key or token of the request's headers. Two that differ are none."""
    bearer = single_header(request, "Authorization")
    scheme, _, credentials = (bearer or "").partition(" ")
    if bearer is not None and scheme.lower() not in SCHEMES:
        raise Unauthenticated("Only `Authorization: Bearer …` is understood.")
    given = {
        value.strip()
        for value in (credentials if bearer else None, single_header(request, "x-api-key"))
        if value is not None
    }
    if len(given) > 1:
        raise Unauthenticated("Two different keys were sent; send one.")
    return given.pop() if given else None


def client_token(request: Request) -> str | None:
    """A client token, as Bearer or from `?token=`; what stands there is taken for one, whatever it looks like."""
    in_query = single_parameter(request, "token")
    if in_query is not None:
        return in_query
    scheme, _, credentials = (single_header(request, "Authorization") or "").partition(" ")
    is_token = scheme.lower() == "bearer" and credentials.strip().startswith(CLIENT_TOKENS)
    return credentials.strip() if is_token else None


def _needs_no_key(request: Request, policy: Policy) -> bool:
    if not policy.loopback_needs_no_key:
        return False
    forwarded = any(name in FORWARDING or name.startswith(FORWARDING_FAMILIES) for name in request.headers)
    return not forwarded and _is_loopback(request.client.host if request.client else "") and _host_is_loopback(request)


def _host_is_loopback(request: Request) -> bool:
    host = request.headers.get("host", "")
    name = host.partition("]")[0].strip("[") if host.startswith("[") else host.partition(":")[0]
    return name == "localhost" or _is_loopback(name)


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
