"""A stub of Vercel Blob, pinned to shared/reference/vercel-blob.md (API version 12). It is no emulator of the service.

It refuses whatever the reference does not show: another version, a wrong store or token, a missing write header, an
overwrite that was not allowed. Objects are served from a host of their own, with ranges.
"""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

TOKEN = "vercel_blob_rw_abc123_secretOfTheStore"
BASE = "https://vercel.test/api/blob"
OBJECTS = "https://abc123.{access}.blob.vercel-storage.test"
PAGE = 2


@dataclass
class Kept:
    content: bytes
    content_type: str
    max_age: int = 2592000
    at: float = field(default_factory=time.time)


@dataclass
class VercelStub:
    """An ASGI application with its memory. `fails` are its next answers, after `fails_after` good ones.

    `asked` are the API's requests by method, path and headers, `reads` the headers of those for objects.
    """

    access: str = "public"
    page: int = PAGE
    kept: dict[str, Kept] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    reads: list[dict[str, str]] = field(default_factory=list)
    fails: list[tuple[int, str]] = field(default_factory=list)
    fails_after: int = 0
    away: bool = False

    def __post_init__(self) -> None:
        self._app = Starlette(
            routes=[
                Route("/api/blob/", self._put, methods=["PUT"]),
                Route("/api/blob", self._get, methods=["GET"]),
                Route("/api/blob/delete", self._delete, methods=["POST"]),
                Route("/api/blob/mpu", self._parts, methods=["POST"]),
                Route("/{pathname:path}", self._object, methods=["GET"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.away:
            raise httpx.ConnectError("the stub is away")
        await self._app(scope, receive, send)

    def keep(self, pathname: str, content: bytes, content_type: str = "application/octet-stream") -> Kept:
        self.kept[pathname] = Kept(content, content_type)
        return self.kept[pathname]

    async def _put(self, request: Request) -> Response:
        refusal = self._refusal(request, writes=True)
        content = await request.body()
        if refusal is not None:
            return refusal
        if len(content) != int(request.headers["content-length"]):
            return _error(400, "bad_request", "the body is short")
        return self._keep(request, content)

    async def _get(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if "url" not in request.query_params:
            return self._list(request)
        pathname = request.query_params["url"]
        if pathname not in self.kept:
            return _error(404, "not_found", "The requested blob does not exist")
        return JSONResponse(self._told(pathname) | self._listed(pathname))

    async def _delete(self, request: Request) -> Response:
        refusal = self._refusal(request)
        if refusal is None:
            for pathname in json.loads(await request.body())["urls"]:
                self.kept.pop(pathname, None)
        return refusal or Response("null", media_type="application/json")

    async def _parts(self, request: Request) -> Response:
        refusal = self._refusal(request, writes=True)
        if refusal is not None:
            return refusal
        pathname, action = request.query_params["pathname"], request.headers["x-mpu-action"]
        if action == "create":
            self.uploads["upload-1"] = {}
            return JSONResponse({"key": pathname, "uploadId": "upload-1"})
        if unquote(request.headers["x-mpu-key"]) != pathname or "/" in request.headers["x-mpu-key"]:
            return _error(400, "bad_request", "not the key of this upload")
        parts = self.uploads[request.headers["x-mpu-upload-id"]]
        if action == "upload":
            number = int(request.headers["x-mpu-part-number"])
            parts[number] = await request.body()
            return JSONResponse({"etag": f'"part-{number}"'})
        if await request.json() != [{"partNumber": n, "etag": f'"part-{n}"'} for n in sorted(parts)]:
            return _error(400, "bad_request", "not the parts that came")
        del self.uploads[request.headers["x-mpu-upload-id"]]
        return self._keep(request, b"".join(parts[number] for number in sorted(parts)))

    async def _object(self, request: Request) -> Response:
        self.reads.append(dict(request.headers))
        blob = self.kept.get(request.path_params["pathname"])
        if request.url.hostname != OBJECTS.format(access=self.access).removeprefix("https://") or blob is None:
            return Response("not found", 404)
        if self.access == "private" and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response("forbidden", 403)
        first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        part = blob.content[int(first) : int(last) + 1]
        return Response(part, 206, media_type=blob.content_type)

    def _refusal(self, request: Request, *, writes: bool = False) -> Response | None:
        headers = request.headers
        self.asked.append((request.method, request.url.path, dict(headers)))
        self.fails_after -= 1
        if self.fails and self.fails_after < 0:
            return _error(*self.fails.pop(0), "as told")
        if headers.get("authorization") != f"Bearer {TOKEN}" or headers.get("x-vercel-blob-store-id") != "abc123":
            return _error(403, "forbidden", "Access denied, please provide a valid token for this resource.")
        if headers.get("x-api-version") != "12" or len(headers.get("x-api-blob-request-id", "").split(":")) != 3:
            return _error(400, "bad_request", "not API version 12")
        if writes and headers.get("x-vercel-blob-access") != self.access:
            return _error(400, "bad_request", "the store has another access")
        return None

    def _keep(self, request: Request, content: bytes) -> Response:
        pathname, headers = request.query_params["pathname"], request.headers
        if pathname in self.kept and headers.get("x-allow-overwrite") != "1":
            return _error(400, "bad_request", "This blob already exists")
        self.keep(pathname, content, headers["x-content-type"]).max_age = int(headers["x-cache-control-max-age"])
        return JSONResponse(self._told(pathname))

    def _list(self, request: Request) -> Response:
        """In pages of a few, whatever the limit, so that cursors are followed."""
        names = sorted(name for name in self.kept if name.startswith(request.query_params["prefix"]))
        begin = int(request.query_params.get("cursor", "0"))
        shown, more = names[begin : begin + self.page], begin + self.page < len(names)
        found = [self._told(name) | self._listed(name) for name in shown]
        return JSONResponse({"blobs": found, "hasMore": more} | ({"cursor": str(begin + self.page)} if more else {}))

    def _told(self, pathname: str) -> dict[str, object]:
        url = f"{OBJECTS.format(access=self.access)}/{pathname}"
        blob = self.kept[pathname]
        return {
            "url": url,
            "downloadUrl": f"{url}?download=1",
            "pathname": pathname,
            "contentType": blob.content_type,
            "contentDisposition": f'inline; filename="{pathname.rpartition("/")[2]}"',
            "etag": '"etag"',
        }

    def _listed(self, pathname: str) -> dict[str, object]:
        blob = self.kept[pathname]
        at = datetime.fromtimestamp(blob.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"size": len(blob.content), "uploadedAt": at}


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status)
