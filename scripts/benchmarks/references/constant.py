"""Bare Starlette: one route, one JSON document, rendered once.

`--body` is a file with the document: an answer of ours, so that both send the same number of bytes.
"""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.serving import arguments, routes, serve


def application(body: bytes) -> Starlette:
    async def read(request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Starlette(routes=routes(Route("/api/predictions", read)))


if __name__ == "__main__":
    given = arguments("body")
    serve(application(Path(given.body).read_bytes()), given.port)
