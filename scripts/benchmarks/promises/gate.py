"""A gate before the emulator: passes everything on, and locks out for a while whoever sends too many creates."""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PASSED_ON = ("x-api-key", "content-type", "accept")


@dataclass(frozen=True, slots=True)
class Arrival:
    """`at` is seconds of a clock that nobody sets."""

    at: float
    prompt: str


@dataclass(slots=True)
class Gate:
    arrivals: list[Arrival] = field(default_factory=list)
    lockouts: int = 0
    open_again: float = 0


@contextmanager
def gate(port: int, behind: int, allowed: int, seconds: float, locked_out: int) -> Iterator[Gate]:
    """Over `allowed` creates in a sliding window of `seconds` it answers 429 for `locked_out` seconds."""
    kept, window = Gate(), deque[float]()
    client = httpx.AsyncClient(trust_env=False, timeout=60)

    async def pass_on(request: Request) -> Response:
        body = await request.body()
        if request.method == "POST" and request.url.path.endswith("/predictions"):
            now = time.monotonic()
            kept.arrivals.append(Arrival(now, json.loads(body)["input"]["prompt"]))
            while window and now - window[0] > seconds:
                window.popleft()
            window.append(now)
            if len(window) > allowed and now >= kept.open_again:
                kept.lockouts, kept.open_again = kept.lockouts + 1, now + locked_out
            if now < kept.open_again:
                return JSONResponse({}, 429, headers={"retry-after": str(locked_out)})
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = f"http://127.0.0.1:{behind}{request.url.path}"
        answer = await client.request(request.method, url, params=request.query_params, content=body, headers=headers)
        kind = {"content-type": answer.headers.get("content-type", "application/json")}
        return Response(answer.content, answer.status_code, headers=kind)

    application = Starlette(routes=[Route("/{path:path}", pass_on, methods=["GET", "POST", "DELETE"])])
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield kept
    finally:
        server.should_exit = True
        thread.join()
