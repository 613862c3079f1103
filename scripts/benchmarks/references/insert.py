"""Bare asyncpg behind Starlette: whatever is posted becomes a row, committed before it is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.serving import POOL, arguments, routes, serve

TABLE = """
CREATE TABLE deliveries (id uuid PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now())
"""
INSERT = "INSERT INTO deliveries (id, body) VALUES ($1, $2)"
RECEIVED = b'{"received":true}'


def application(database: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with asyncpg.create_pool(database, min_size=POOL, max_size=POOL) as pool:
            yield {"pool": pool}

    async def receive(request: Request) -> Response:
        await request.state.pool.execute(INSERT, uuid4(), await request.body())
        return Response(RECEIVED, media_type="application/json")

    return Starlette(routes=routes(Route("/api/webhooks", receive, methods=["POST"])), lifespan=lifespan)


if __name__ == "__main__":
    given = arguments("database")
    serve(application(given.database), given.port)
