"""A small fal.ai on a loopback port: its queue, its keys and its list of requests, as the wire has them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.providers.fal.samples import KEY, SIGNER, jwks, signed

Answer = tuple[int, Any]
BELOW_THE_APP = re.compile(r"/(?P<app>[^/]+/[^/]+)/requests/(?P<id>[^/]+)(?P<rest>/status|/cancel)?")
APPS = ("fal-ai/flux", "fal-ai/kling-video")


@dataclass
class Job:
    """`words` are what the looks will say, the last one again and again. `result` is a status and a body."""

    app: str
    input: Any
    webhook: str
    words: list[str] = field(default_factory=lambda: ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"])
    result: Answer = (200, {})
    is_canceled: bool = False


@dataclass
class QueueServer:
    port: int = 0
    jobs: dict[str, Job] = field(default_factory=dict)
    next_result: Answer = (200, {})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        url = urlsplit(target)
        if url.path == "/.well-known/jwks.json":
            return 200, jwks(SIGNER)
        if headers.get("authorization") != f"Key {KEY}":
            return 401, {"detail": "Authentication is required to access this application"}
        if url.path == "/v1/models/requests/by-endpoint":
            return 200, {"items": [], "next_cursor": None, "has_more": False}
        if found := BELOW_THE_APP.fullmatch(url.path):
            return self._about(method, found["app"], unquote(found["id"]), found["rest"])
        if method == "POST" and url.path[1:].startswith(APPS):
            return self._take(url.path[1:], parse_qs(url.query)["fal_webhook"][0], json.loads(body))
        return 404, {"detail": "Not Found"}

    def _take(self, model: str, webhook: str, given: Any) -> Answer:
        app, request_id = "/".join(model.split("/")[:2]), f"request-{len(self.jobs)}"
        self.jobs[request_id] = Job(app, given, webhook, result=self.next_result)
        at = f"{self.url}/{app}/requests/{request_id}"
        urls = {"response_url": at, "status_url": f"{at}/status", "cancel_url": f"{at}/cancel"}
        return 200, {"request_id": request_id, "gateway_request_id": request_id, "queue_position": 0, **urls}

    def _about(self, method: str, app: str, request_id: str, rest: str | None) -> Answer:
        job = self.jobs.get(request_id)
        if job is None or job.app != app:
            return 404, {"status": "NOT_FOUND"}
        match method, rest:
            case "GET", "/status":
                word = job.words.pop(0) if len(job.words) > 1 else job.words[0]
                return (200 if word == "COMPLETED" else 202), {"status": word}
            case "GET", None:
                return job.result
            case "PUT", "/cancel":
                return self._cancel(job)
        return 405, {"detail": "Method Not Allowed"}

    def _cancel(self, job: Job) -> Answer:
        if job.words == ["COMPLETED"]:
            return 400, {"status": "ALREADY_COMPLETED"}
        job.words, job.is_canceled = ["COMPLETED"], True
        job.result = (499, {"detail": "Request was cancelled by the client", "error_type": "client_cancelled"})
        return 202, {"status": "CANCELLATION_REQUESTED"}

    def delivery(self, request_id: str) -> tuple[dict[str, str], bytes]:
        """Its headers and its body, as they would be posted."""
        status, payload = self.jobs[request_id].result
        ended = {"status": "OK"} if status == 200 else {"status": "ERROR", "error": f"Invalid status code: {status}"}
        body = json.dumps({"request_id": request_id, "gateway_request_id": "another", **ended, "payload": payload})
        return signed(body.encode(), request_id=request_id), body.encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            method, target, _ = first.split(" ")
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            status, data = self.answer(method, target, headers, body)
            content = json.dumps(data).encode()
            head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def queue_server() -> AsyncIterator[QueueServer]:
    fal = QueueServer()
    listening = await asyncio.start_server(fal.serve, "127.0.0.1", 0)
    fal.port = listening.sockets[0].getsockname()[1]
    yield fal
    listening.close()
    await listening.wait_closed()
