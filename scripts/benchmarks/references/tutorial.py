"""The tutorial's way: FastAPI, an async session of SQLAlchemy's ORM for each request, httpx.

A create asks the provider and keeps what it said; the webhook's handler checks the signature, downloads the picture,
writes it, and only then answers. No keys, no budgets, no ledger, no retry, nothing is synced to the disk, and the
engine is made as everybody makes it, with the pool that it has by itself.
"""

import hashlib
import hmac
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from scripts.benchmarks.references.serving import serve


class Base(DeclarativeBase):
    pass


class Prediction(Base):
    __tablename__ = "predictions"

    id: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str]
    model: Mapped[str]
    input: Mapped[dict[str, Any]] = mapped_column(JSON)
    output: Mapped[list[str] | None] = mapped_column(JSON)
    created_at: Mapped[str]
    completed_at: Mapped[str | None]


class Create(BaseModel):
    model: str
    input: dict[str, Any]


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    status: str
    model: str
    input: dict[str, Any]
    output: list[str] | None
    created_at: str
    completed_at: str | None


def application(*, database: str, url: str, provider: str, key: str, secret: str, folder: Path) -> FastAPI:
    engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    client = httpx.AsyncClient(trust_env=False, timeout=60)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await client.aclose()
        await engine.dispose()

    async def session() -> AsyncIterator[AsyncSession]:
        async with sessions() as opened:
            yield opened

    Session = Annotated[AsyncSession, Depends(session)]  # noqa: N806, an alias
    app = FastAPI(lifespan=lifespan)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/predictions/{prediction_id}", response_model=View)
    async def read(prediction_id: str, db: Session) -> Prediction:
        found = await db.get(Prediction, prediction_id)
        if found is None:
            raise HTTPException(404)
        return found

    @app.post("/predictions", response_model=View, status_code=201)
    async def create(body: Create, db: Session) -> Prediction:
        asked = {"webhook": f"{url}/webhook", "webhook_events_filter": ["completed"]}
        order = {"model": body.model, "input": body.input, **asked}
        answer = await client.post(f"{provider}/v1/predictions", json=order, headers={"x-api-key": key})
        sold = answer.raise_for_status().json()
        made = Prediction(
            id=str(uuid4()),
            provider_id=sold["id"],
            status="processing",
            model=body.model,
            input=body.input,
            created_at=_now(),
        )
        db.add(made)
        await db.commit()
        return made

    @app.post("/webhook")
    async def webhook(request: Request, db: Session) -> dict[str, bool]:
        raw = await request.body()
        expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("x-skytells-signature", "")):
            raise HTTPException(401)
        event = await request.json()
        found = (await db.scalars(select(Prediction).where(Prediction.provider_id == event["id"]))).one_or_none()
        if found is None:
            raise HTTPException(404)
        if event["status"] == "succeeded":
            found.output = [await _store(client, at, folder) for at in event["output"]]
            found.completed_at = _now()
        found.status = event["status"]
        await db.commit()
        return {"received": True}

    return app


async def _store(client: httpx.AsyncClient, source: str, folder: Path) -> str:
    picture = (await client.get(source)).raise_for_status()
    name = f"{uuid4()}.png"
    (folder / name).write_bytes(picture.content)
    return f"/files/{name}"


def _now() -> str:
    return datetime.now(UTC).isoformat()


def main() -> None:
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("database", "provider", "key", "secret", "folder"):
        parser.add_argument(f"--{name}", required=True)
    given = vars(parser.parse_args())
    port, folder = given.pop("port"), Path(given.pop("folder"))
    folder.mkdir(parents=True, exist_ok=True)
    serve(application(url=f"http://127.0.0.1:{port}", folder=folder, **given), port)


if __name__ == "__main__":
    main()
