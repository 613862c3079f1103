"""The service's HTTP API, asked with patience: nobody's answer is asked for again, and nothing is bought twice."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
import httpx

TRIES = 3
PAUSE_SECONDS = 0.5
HELD_SECONDS = 10
"""So long one look is held: an assistant's client is told of progress at least as often."""
FINAL = ("succeeded", "failed", "canceled")

Answer = dict[str, Any]
Tell = Callable[[Answer], Awaitable[None]]


class Refused(Exception):
    """The service said no. `told` is its problem document (RFC 9457)."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        super().__init__(told.get("code"))
        self.status = status
        self.told = told


class Away(Exception):
    """Nobody answered, or nobody of ours."""


class Api:
    """Over a client that has the base URL and the key. `plain` has neither, for files that may lie elsewhere."""

    def __init__(self, http: httpx.AsyncClient, plain: httpx.AsyncClient, *, pause: float = PAUSE_SECONDS) -> None:
        self._http = http
        self._plain = plain
        self._pause = pause

    @property
    def url(self) -> str:
        return str(self._http.base_url).rstrip("/")

    async def get(self, path: str, **query: Any) -> Answer:
        """Raises Refused and Away."""
        given = {name: value for name, value in query.items() if value is not None}
        return _read(await self._answered("GET", path, params=given))

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """`key` is the Idempotency-Key under which it may be sent again. Raises Refused and Away."""
        return _read(await self._answered("POST", path, json=body, headers={"Idempotency-Key": key} if key else {}))

    async def follow(self, prediction: Answer, seconds: float, tell: Tell) -> Answer:
        """As it is once it is final, or when `seconds` are over; each change is told. Raises Refused and Away."""
        path, tag = f"/api/predictions/{prediction['id']}", ""
        with anyio.move_on_after(seconds):
            while prediction["status"] not in FINAL:
                await tell(prediction)
                wait = {"wait": HELD_SECONDS} if tag else {}
                answer = await self._answered("GET", path, params=wait, headers={"If-None-Match": tag} if tag else {})
                tag = answer.headers.get("etag", "")
                if answer.status_code != 304:
                    prediction = _read(answer)
                else:  # so that one who does not hold is not asked without a pause
                    await anyio.sleep(self._pause)
        return prediction

    async def small_file(self, url: str, most: int) -> bytes | None:
        """Its bytes; None if there are more than `most`, or if they cannot be had."""
        content = bytearray()
        try:
            async with self._plain.stream("GET", url) as answer:
                answer.raise_for_status()
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > most:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return bytes(content)

    async def _answered(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Sent again where nobody answered: what buys has a key that makes that safe, the rest does no harm."""
        for tried in range(1, TRIES + 1):
            try:
                return await self._http.request(method, path, **given)
            except httpx.TransportError:
                if tried < TRIES:
                    await anyio.sleep(self._pause * tried)
            except httpx.InvalidURL:
                break
        raise Away(self.url)


def _read(answer: httpx.Response) -> Answer:
    try:
        told = answer.json()
    except ValueError:
        raise Away(str(answer.url.copy_with(query=None))) from None
    if not isinstance(told, dict):
        raise Away(str(answer.url.copy_with(query=None)))
    if not answer.is_success:
        raise Refused(answer.status_code, told)
    return told
