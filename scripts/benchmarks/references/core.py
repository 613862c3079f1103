"""The same insert through SQLAlchemy's async engine: Core, the quicker of its ways, and a large pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, func, insert
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.insert import RECEIVED
from scripts.benchmarks.references.serving import POOL, arguments, routes, serve

deliveries = Table(
    "deliveries",
    MetaData(),
    Column("id", UUID, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
INSERT = insert(deliveries)


def application(database: str) -> Starlette:
    engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://"), pool_size=POOL)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    async def receive(request: Request) -> Response:
        body = await request.body()
        async with engine.begin() as connection:
            await connection.execute(INSERT, {"id": uuid4(), "body": body})
        return Response(RECEIVED, media_type="application/json")

    return Starlette(routes=routes(Route("/api/webhooks", receive, methods=["POST"])), lifespan=lifespan)


if __name__ == "__main__":
    given = arguments("database")
    serve(application(given.database), given.port)
