"""A CDN with one picture under any number of names: `/now/7.png` at once, `/slow/7.png` in drops over two seconds."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from scripts.benchmarks.references.serving import arguments, routes, serve

SLOW_SECONDS, DROPS = 2.0, 10
KIND = "image/png"


def application(picture: bytes) -> Starlette:
    async def now(request: Request) -> Response:
        return Response(picture, media_type=KIND)

    async def slow(request: Request) -> Response:
        return StreamingResponse(_drops(picture), media_type=KIND, headers={"Content-Length": str(len(picture))})

    return Starlette(routes=routes(Route("/now/{name}", now), Route("/slow/{name}", slow)))


async def _drops(picture: bytes) -> AsyncIterator[bytes]:
    for at in range(DROPS):
        await asyncio.sleep(SLOW_SECONDS / DROPS)
        yield picture[at * len(picture) // DROPS : (at + 1) * len(picture) // DROPS]


if __name__ == "__main__":
    given = arguments("file")
    serve(application(Path(given.file).read_bytes()), given.port)
