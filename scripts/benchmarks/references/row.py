"""Bare asyncpg behind Starlette: a row by its key, its text as it lies there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.serving import POOL, arguments, routes, serve

TABLE = "CREATE TABLE documents (id uuid PRIMARY KEY, body text NOT NULL)"
FILL = "INSERT INTO documents SELECT unnest($1::uuid[]), $2"


def application(database: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with asyncpg.create_pool(database, min_size=POOL, max_size=POOL) as pool:
            yield {"pool": pool}

    async def read(request: Request) -> Response:
        wanted = UUID(request.path_params["id"])
        body = await request.state.pool.fetchval("SELECT body FROM documents WHERE id = $1", wanted)
        return Response(body, media_type="application/json") if body else Response(status_code=404)

    return Starlette(routes=routes(Route("/api/predictions/{id}", read)), lifespan=lifespan)


if __name__ == "__main__":
    given = arguments("database")
    serve(application(given.database), given.port)
