"""Rate limits at the door: counted before a body is read, told on every answer (IETF httpapi-ratelimit-headers-10)."""

from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from app.domain.caller import Caller
from app.domain.errors import RateLimited
from app.domain.rates import Rate, Standing, parse_rate
from app.web.addresses import client_address, site_of
from app.web.errors import ANSWER_HEADERS
from app.web.shared import shared

LimitName = Literal["create", "batch", "upload", "quote"]
OwnedHandler = Callable[[Request, Caller], Awaitable[Response]]


def limited(name: LimitName, handler: OwnedHandler) -> OwnedHandler:
    """For the table of routes: `owned(limited("create", predictions.create))`.

    Every request counts, whatever comes of it; over the limit it is a 429 `rate_limited` and the handler is not
    reached. Routes that share a name share its count. A key's own rate replaces the service's, for each name but that
    of quotes, which buy nothing.
    """

    async def counted(request: Request, caller: Caller) -> Response:
        rate = _rate(request, caller, name)
        if rate is None:
            return await handler(request, caller)
        headers = await _count(request, caller, name, rate)
        answer = await handler(request, caller)
        answer.headers.update(headers)
        return answer

    return counted


async def count_attempt(request: Request, name: str, rate: Rate) -> dict[str, str]:
    """For those who are nobody yet, by their address. Returns headers that tell of it; raises RateLimited."""
    address = client_address(request, shared(request).policy.trusted_proxies)
    return await _counted(request, name, f"address:{site_of(address)}", rate)


def _rate(request: Request, caller: Caller, name: LimitName) -> Rate | None:
    policy = shared(request).policy
    is_own = caller.rate_limit is not None and name != "quote"
    return parse_rate(caller.rate_limit or "") if is_own else policy.rates[name]


async def _count(request: Request, caller: Caller, name: LimitName, rate: Rate) -> dict[str, str]:
    return await _counted(request, name, who_asks(request, caller), rate)


async def _counted(request: Request, name: str, who: str, rate: Rate) -> dict[str, str]:
    """The headers that tell of it, also left for the answer to an error. Raises RateLimited."""
    key = f"{name}/{who}/{rate.requests}/{rate.seconds}"
    standing = Standing(rate, *await shared(request).windows.count(key, rate.seconds))
    headers = _headers(name, standing)
    request.scope[ANSWER_HEADERS] = headers
    if standing.is_over:
        raise RateLimited(
            f"At most {rate.requests} requests in {rate.seconds} s; ask again in {standing.reset_after} s.",
            retry_after=standing.reset_after,
        )
    return headers


def who_asks(request: Request, caller: Caller | None) -> str:
    """The key, or where none was needed the client's address."""
    if caller is not None and caller.key_id is not None:
        return f"key:{caller.key_id}"
    address = client_address(request, shared(request).policy.trusted_proxies)
    return f"address:{site_of(address)}"


def _headers(name: str, standing: Standing) -> dict[str, str]:
    rate = standing.rate
    return {
        "RateLimit-Policy": f'"{name}";q={rate.requests};w={rate.seconds}',
        "RateLimit": f'"{name}";r={standing.remaining};t={standing.reset_after}',
    }
