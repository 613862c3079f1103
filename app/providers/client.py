"""HTTP to a provider's API, told apart by the one thing that matters for money: may we have been heard?"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from app.domain.ports import Unavailable
from app.providers.masking import Mask
from app.providers.overheard import Heard, overheard
from app.watch import tracing

ANSWER_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 60.0
LARGEST_ANSWER_BYTES = 8 * 2**20


class ReplyLost(Exception):
    """The request may have arrived; no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`data` is the JSON value, None where the body is none. `date` is the other side's clock, to the second. The names
    in `headers` are in small letters. `content` is the body as it came; `proven_whole`: its length was told and
    reached."""

    status: int
    data: Any = field(repr=False)
    retry_after: timedelta | None = None
    date: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    proven_whole: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class ApiClient:
    """Speaks to the one configured host; the key goes nowhere else, since redirects are not followed."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        base_url: str,
        headers: dict[str, str],
        *,
        fresh: httpx.AsyncClient | None = None,
        mask: Mask | None = None,
    ) -> None:
        """`fresh` keeps no connection alive: one that died unnoticed makes a create ambiguous that was never sent.
        `mask` hides what no record of a call may show."""
        self._http = http
        self._mask = mask or Mask()
        self._fresh = fresh or http
        self._base_url = base_url.rstrip("/")
        self._headers = headers

    async def call(
        self,
        method: str,
        path: str,
        *,
        seconds: float = ANSWER_SECONDS,
        fresh: bool = False,
        largest: int = LARGEST_ANSWER_BYTES,
        **options: Any,
    ) -> Reply:
        """The whole answer within `seconds`, dripping or not, as far as `largest` bytes; over a new connection if
        `fresh`. Options are httpx's.

        Raises Unavailable if nothing can have arrived, ReplyLost if something may have.
        """
        with overheard(self._mask, method, self._base_url + path, options) as heard:
            return await self._told(heard, method, path, seconds, fresh=fresh, largest=largest, options=options)

    async def _told(
        self, heard: Heard, method: str, path: str, seconds: float, *, fresh: bool, largest: int, options: Any
    ) -> Reply:
        try:
            with tracing.span("provider call", kind="client", **{"http.request.method": method}) as span:
                async with asyncio.timeout(seconds):
                    http = self._fresh if fresh else self._http
                    reply = await self._call(http, heard, method, path, largest, timeout=_timeout(seconds), **options)
                span.note(**{"http.response.status_code": reply.status})
                return reply
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise Unavailable(type(error).__name__, concerns_all=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ReplyLost(type(error).__name__) from error

    async def _call(
        self,
        http: httpx.AsyncClient,
        heard: Heard,
        method: str,
        path: str,
        largest: int,
        *,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Reply:
        heard.request = http.build_request(
            method, self._base_url + path, headers=self._headers | (headers or {}), **options
        )
        answer = await http.send(heard.request, stream=True, follow_redirects=False)
        async with aclosing(answer):
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > largest:
                    break
        heard.answer, heard.content, heard.data = answer, bytes(body), _json(body)
        return _reply(heard, answer, is_whole=_tells_length(answer.headers) and len(body) <= largest)


def _reply(heard: Heard, answer: httpx.Response, *, is_whole: bool) -> Reply:
    pause, date = answer.headers.get("retry-after"), answer.headers.get("date")
    headers = dict(answer.headers)
    return Reply(answer.status_code, heard.data, _pause(pause), _date(date), headers, heard.content, is_whole)


def _tells_length(headers: Mapping[str, str]) -> bool:
    """Where it does, httpx raises for a body that ends too early."""
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").casefold()


def _timeout(seconds: float) -> httpx.Timeout:
    """Connecting gives up well before the whole does, so that it is known that nothing was sent."""
    return httpx.Timeout(seconds, connect=seconds / 4, pool=seconds / 4)


def _json(body: bytearray) -> Any:
    """Gateways answer with pages of their own, whatever the content type says."""
    try:
        return json.loads(body) if len(body) <= LARGEST_ANSWER_BYTES else None
    except (ValueError, RecursionError):
        return None


def _date(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _pause(value: str | None) -> timedelta | None:
    try:
        seconds = float(value) if value is not None else None
    except ValueError:
        return None
    if seconds is None or not seconds >= 0:
        return None
    return timedelta(seconds=min(seconds, LONGEST_PAUSE_SECONDS))
