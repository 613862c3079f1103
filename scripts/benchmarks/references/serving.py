"""How every reference is served: as ours is, one process, uvloop and httptools, no access log."""

from argparse import ArgumentParser, Namespace
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

POOL = 16


def arguments(*names: str) -> Namespace:
    """`--port`, and each of these as a word that must be given."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in names:
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


def routes(*own: Route) -> list[Route]:
    return [*own, Route("/health", health)]


async def health(request: Request) -> Response:
    return Response()


def serve(application: Any, port: int) -> None:
    """Until stopped."""
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning", access_log=False)
