"""Bare httpx behind Starlette: the picture that a posted event names is downloaded, written and synced; then 200."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.serving import arguments, routes, serve


def application(folder: Path) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            yield {"client": client}

    async def receive(request: Request) -> Response:
        for url in (await request.json())["output"]:
            await _store(request.state.client, url, folder / f"{uuid4()}.png")
        return Response()

    return Starlette(routes=routes(Route("/api/webhooks", receive, methods=["POST"])), lifespan=lifespan)


async def _store(client: httpx.AsyncClient, url: str, path: Path) -> None:
    with path.open("wb") as file:
        async with client.stream("GET", url) as answer:
            async for piece in answer.raise_for_status().aiter_raw():
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    given = arguments("folder")
    Path(given.folder).mkdir(parents=True, exist_ok=True)
    serve(application(Path(given.folder)), given.port)
