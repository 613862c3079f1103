"""Vercel Blob's REST API, as the official client speaks it.

Source: shared/reference/vercel-blob.md, which was read from and captured of the npm package @vercel/blob 2.8.0
(API version 12). Like that client it tries again only after network failures and the API's own three vague errors.
"""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from app.outbound.errors import BlobApiTrouble

API_VERSION = "12"
ATTEMPTS = 4
WORTH_ANOTHER_TRY = ("unknown_error", "service_unavailable", "internal_server_error")
PAGE = 1000
BEARER = "Bearer "

Body = Callable[[], AsyncIterator[bytes]]
"""Begins anew at each call, once for every attempt."""
Pause = Callable[[float], Awaitable[None]]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """`size` in bytes, and `uploaded_at` by RFC 3339, where the answer tells them."""

    url: str
    pathname: str
    size: int | None = None
    uploaded_at: str | None = None

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "BlobFacts":
        return cls(_word(found, "url"), _word(found, "pathname"), found.get("size"), found.get("uploadedAt"))


class VercelBlobApi:
    """`access`, public or private, is the store's own, chosen when it was made."""

    def __init__(
        self, http: httpx.AsyncClient, *, token: str, base: str, access: str, pause: Pause = asyncio.sleep
    ) -> None:
        self._http = http
        self._token = token
        self._base = base
        self._access = access
        self._pause = pause
        self._store_id = token.split("_")[3]

    async def put(self, pathname: str, body: Body, size: int, about: Mapping[str, str]) -> BlobFacts:
        """One request. `about` are the write headers; the same pathname may be written again, so that tries agree."""
        headers = {**self._writing(about), "content-length": str(size)}
        return BlobFacts.of(await self._asked("PUT", "/", {"pathname": pathname}, headers, body))

    async def put_parts(self, pathname: str, parts: AsyncIterator[bytes], about: Mapping[str, str]) -> BlobFacts:
        """One after another; nothing is to be seen before the last call. The API knows no way to abort."""
        headers, where = self._writing(about), {"pathname": pathname}
        begun = await self._asked("POST", "/mpu", where, {**headers, "x-mpu-action": "create"})
        upload = {"x-mpu-key": quote(_word(begun, "key"), safe=""), "x-mpu-upload-id": _word(begun, "uploadId")}
        done: list[dict[str, object]] = []
        async for part in parts:
            number = len(done) + 1
            sent = {**headers, **upload, "x-mpu-action": "upload", "x-mpu-part-number": str(number)}
            answer = await self._asked("POST", "/mpu", where, sent, part)
            done.append({"partNumber": number, "etag": _word(answer, "etag")})
        ending = {**headers, **upload, "x-mpu-action": "complete"}
        return BlobFacts.of(await self._asked("POST", "/mpu", where, ending, done))

    async def head(self, pathname: str) -> BlobFacts | None:
        try:
            return BlobFacts.of(await self._asked("GET", "", {"url": pathname}))
        except BlobApiTrouble as trouble:
            if trouble.reason == "not_found":
                return None
            raise

    async def listed(self, prefix: str, cursor: str | None) -> tuple[list[BlobFacts], str | None]:
        """One page, and the cursor of the next if there is one."""
        wanted = {"limit": str(PAGE), "prefix": prefix} | ({"cursor": cursor} if cursor else {})
        page = await self._asked("GET", "", wanted)
        return [BlobFacts.of(each) for each in page.get("blobs", ())], page.get("cursor") if page.get(
            "hasMore"
        ) else None

    async def delete(self, pathname: str) -> None:
        await self._asked("POST", "/delete", {}, {}, {"urls": [pathname]})

    async def fetch(self, url: str, start: int, end: int) -> bytes | None:
        """Bytes `start` to `end` of an object, from the host that serves it; None if it is not there."""
        headers = {"range": f"bytes={start}-{end - 1}", "accept-encoding": "identity"}
        if self._access == "private":
            headers["authorization"] = BEARER + self._token
        return await self._again(lambda _: self._fetched(url, headers, end - start))

    async def _fetched(self, url: str, headers: Mapping[str, str], most: int) -> bytes | None:
        got = bytearray()
        try:
            async with self._http.stream("GET", url, headers=headers) as answer:
                if answer.status_code == 404:
                    return None
                if answer.status_code != 206:
                    raise BlobApiTrouble(f"HTTP_{answer.status_code}", retriable=answer.status_code >= 500)
                async for piece in answer.aiter_raw():
                    got += piece
                    if len(got) > most:
                        raise BlobApiTrouble("too_long")
        except httpx.HTTPError as error:
            raise _network(error) from error
        return bytes(got)

    def _writing(self, about: Mapping[str, str]) -> dict[str, str]:
        return {
            **about,
            "x-vercel-blob-access": self._access,
            "x-add-random-suffix": "0",
            "x-allow-overwrite": "1",
        }

    async def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        body: Body | bytes | object = None,
    ) -> dict[str, Any]:
        """The answer's object. A body is bytes, what makes them anew for each try, or else sent as JSON."""
        request_id = f"{self._store_id}:{int(time.time() * 1000)}:{secrets.token_hex(8)}"

        async def once(attempt: int) -> dict[str, Any]:
            every = {
                "authorization": BEARER + self._token,
                "x-api-version": API_VERSION,
                "x-vercel-blob-store-id": self._store_id,
                "x-api-blob-request-id": request_id,
                "x-api-blob-request-attempt": str(attempt),
            }
            try:
                answer = await self._http.request(
                    method, self._base + path, params=query, headers={**every, **(headers or {})}, **_sent(body)
                )
            except httpx.HTTPError as error:
                raise _network(error) from error
            return _read(answer)

        return await self._again(once)

    async def _again(self, once: Callable[[int], Awaitable[Result]]) -> Result:
        for attempt in range(ATTEMPTS - 1):
            try:
                return await once(attempt)
            except BlobApiTrouble as trouble:
                if not trouble.retriable:
                    raise
            await self._pause(0.2 * 2**attempt * (1 + random.random()))  # noqa: S311, only apart from others
        return await once(ATTEMPTS - 1)


def _sent(body: Body | bytes | object) -> dict[str, Any]:
    if body is None:
        return {}
    if isinstance(body, bytes):
        return {"content": body}
    return {"content": body()} if callable(body) else {"json": body}


def _word(found: Mapping[str, Any], name: str) -> str:
    if name not in found:
        raise BlobApiTrouble("unreadable")
    return str(found[name])


def _read(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.is_success:
        if found is not None and not isinstance(found, dict):
            raise BlobApiTrouble("unreadable")
        return found or {}
    told = found.get("error") if isinstance(found, dict) else None
    code = str(told.get("code") or "unknown_error") if isinstance(told, dict) else f"HTTP_{answer.status_code}"
    raise BlobApiTrouble(code[:60], retriable=code in WORTH_ANOTHER_TRY or answer.status_code >= 500)


def _network(error: httpx.HTTPError) -> BlobApiTrouble:
    return BlobApiTrouble("TIMEOUT" if isinstance(error, httpx.TimeoutException) else "UNREACHABLE", retriable=True)
