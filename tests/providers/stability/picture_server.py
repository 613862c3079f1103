"""A small Stability on a loopback port, as strict as the real one: multipart alone, binary pictures, 10 MiB at most."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tests.providers.stability.samples import KEY, PNG

Answer = tuple[int, dict[str, str], bytes]
LARGEST = 10 * 2**20
PREFIX = "/v2beta/stable-image/"
NEEDS: Mapping[str, set[str]] = {
    "generate/core": {"prompt"},
    "generate/ultra": {"prompt"},
    "generate/sd3": {"prompt"},
    "edit/erase": {"image"},
    "edit/inpaint": {"image", "prompt"},
    "edit/outpaint": {"image"},
    "edit/search-and-replace": {"image", "prompt", "search_prompt"},
    "edit/search-and-recolor": {"image", "prompt", "select_prompt"},
    "edit/remove-background": {"image"},
    "control/sketch": {"image", "prompt"},
    "upscale/fast": {"image"},
    "upscale/conservative": {"image", "prompt"},
    "upscale/creative": {"image", "prompt"},
}


@dataclass
class Sold:
    path: str
    fields: dict[str, bytes]
    headers: dict[str, str]


@dataclass
class PictureServer:
    """`filters`: every picture comes blurred. `cuts`: answers break off in the middle, once they are sold. `gate`: a
    create is answered once it is open. `looks`: how often a job is still under way."""

    port: int = 0
    sold: list[Sold] = field(default_factory=list)
    filters: bool = False
    cuts: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    looks: int = 1
    asked: list[str] = field(default_factory=list)
    refusal: Answer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.asked.append(path)
        if headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "unauthorized")
        if method == "GET" and path == "/v1/user/balance":
            return 200, {"content-type": "application/json"}, b'{"credits": 123.4}'
        if method == "GET" and path.startswith("/v2beta/results/"):
            return self._result(path.rpartition("/")[2])
        if method == "POST" and path.removeprefix(PREFIX) in NEEDS:
            return await self._create(path.removeprefix(PREFIX), headers, body)
        return _error(404, "not_found")

    async def _create(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if self.refusal is not None:
            return self.refusal
        if len(body) > LARGEST:
            return _error(413, "payload_too_large")
        fields = _fields(headers, body)
        if fields is None:
            return _error(400, "bad_request", "content-type: must be multipart/form-data")
        if missing := NEEDS[path] - set(fields):
            return _error(400, "bad_request", *(f"{name}: is required" for name in sorted(missing)))
        if fields.get("mode") == b"image-to-image" and "aspect_ratio" in fields:
            return _error(400, "bad_request", "aspect_ratio: is not allowed")
        if fields.get("image", PNG)[:4] not in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"RIFF"):
            return _error(400, "bad_request", "image: is no picture")
        self.sold.append(Sold(path, fields, headers))
        await self.gate.wait()
        if path == "upscale/creative":
            return 200, {"content-type": "application/json"}, json.dumps({"id": f"{len(self.sold):064x}"}).encode()
        return self._picture()

    def _result(self, job_id: str) -> Answer:
        if not job_id.isalnum() or not 0 < int(job_id, 16) <= len(self.sold):
            return _error(404, "generation_not_found")
        if self.looks > 0:
            self.looks -= 1
            said = json.dumps({"id": job_id, "status": "in-progress"}).encode()
            return 202, {"content-type": "application/json"}, said
        return self._picture()

    def _picture(self) -> Answer:
        finish = "CONTENT_FILTERED" if self.filters else "SUCCESS"
        told = {"content-type": "image/png", "finish-reason": finish, "seed": "343940597", "x-request-id": "req-1"}
        return 200, told, PNG

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            method, target, _ = first.split(" ")
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, told, content = await self.answer(method, target, headers, body)
            told |= {"content-length": str(len(content)), "connection": "close"}
            head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
            sent = content[: len(content) // 2] if self.cuts and self.sold else content
            writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + sent)
            await writer.drain()
        writer.close()


def _error(status: int, name: str, *texts: str) -> Answer:
    body: dict[str, Any] = {"id": "0" * 32, "name": name, "errors": list(texts)}
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


def _fields(headers: dict[str, str], body: bytes) -> dict[str, bytes] | None:
    """By name; None for what is no multipart body."""
    kind = headers.get("content-type", "")
    message = BytesParser(policy=HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + body)
    if message.get_content_type() != "multipart/form-data":
        return None
    return {str(part.get_param("name", header="content-disposition")): _content(part) for part in message.iter_parts()}


def _content(part: Any) -> bytes:
    return bytes(part.get_payload(decode=True))


@asynccontextmanager
async def picture_server() -> AsyncIterator[PictureServer]:
    stability = PictureServer()
    stability.gate.set()
    listening = await asyncio.start_server(stability.serve, "127.0.0.1", 0, limit=2**24)
    stability.port = listening.sockets[0].getsockname()[1]
    try:
        yield stability
    finally:
        stability.gate.set()
        listening.close()
        await listening.wait_closed()
