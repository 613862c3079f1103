"""Knocking at our own public address, as a provider would. Nobody else names this URL: it is APP_URL, from settings."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from socket import gaierror
from typing import Any, Literal

import httpx

KNOCK_SECONDS = 20.0
LARGEST_ANSWER = 100_000
Trouble = Literal["name", "refused", "tls", "timeout", "cut"]


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of it: a `status`, or a `trouble` instead. `answer` is the JSON object that came, empty if none did."""

    status: int | None = None
    trouble: Trouble | None = None
    location: str = ""
    server: str = ""
    answer: Mapping[str, Any] | None = None

    @property
    def code(self) -> str | None:
        """Of a problem in our own form; None for anybody else's answer."""
        answer = self.answer or {}
        is_ours = str(answer.get("type", "")).startswith("urn:darkroom:problem:")
        return str(answer.get("code")) if is_ours else None

    @property
    def is_received(self) -> bool:
        return self.status == 200 and (self.answer or {}).get("received") is True


async def knock(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = KNOCK_SECONDS) -> Knock:
    """One POST, no redirect followed. Never raises for what the other side does."""
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(trust_env=False, timeout=seconds) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as answer,
        ):
            said = {name: answer.headers.get(name, "") for name in ("location", "server")}
            return Knock(answer.status_code, **said, answer=await _object(answer))
    except (TimeoutError, httpx.TimeoutException):
        return Knock(trouble="timeout")
    except httpx.ConnectError as error:
        return Knock(trouble=_no_connection(error))
    except (httpx.HTTPError, httpx.InvalidURL):
        return Knock(trouble="cut")


async def _object(answer: httpx.Response) -> Mapping[str, Any]:
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > LARGEST_ANSWER:
            return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_connection(error: BaseException | None) -> Trouble:
    """What lies at the bottom of it."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return "tls"
        if isinstance(error, gaierror):
            return "name"
        error = error.__cause__ or error.__context__
    return "refused"
