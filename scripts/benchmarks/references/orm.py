"""The same insert as SQLAlchemy's documentation has it: an async session, an object, an engine's own pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from scripts.benchmarks.references.insert import RECEIVED
from scripts.benchmarks.references.serving import arguments, routes, serve


class Base(DeclarativeBase):
    pass


class Delivery(Base):
    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    body: Mapped[bytes]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


def application(database: str) -> Starlette:
    engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    async def receive(request: Request) -> Response:
        body = await request.body()
        async with sessions() as session:
            session.add(Delivery(id=uuid4(), body=body))
            await session.commit()
        return Response(RECEIVED, media_type="application/json")

    return Starlette(routes=routes(Route("/api/webhooks", receive, methods=["POST"])), lifespan=lifespan)


if __name__ == "__main__":
    given = arguments("database")
    serve(application(given.database), given.port)
