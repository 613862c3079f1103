"""What every door needs: the database, the providers, the store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from app import embedded
from app.bootstrap.providers import open_providers
from app.db.engine import Database
from app.domain.ports import Providers
from app.settings import Settings
from app.storage.port import BlobStore
from app.stores import open_blobs

WEB_SECONDS, WORKER_SECONDS = 3.0, 20.0
"""How long a statement may go unanswered: a client waits for the one, and nobody for the other."""


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    providers: Providers
    blobs: BlobStore


def database_url(settings: Settings) -> str:
    """DATABASE_URL, or the embedded server's own address, which `./scripts/up` keeps running."""
    return settings.database_url.get_secret_value() or embedded.url(settings.darkroom_data)


def open_database(
    settings: Settings,
    *,
    pool_size: int | None = None,
    statement_seconds: float | None = None,
    plans_anew: bool = False,
) -> Database:
    return Database(
        database_url(settings),
        direct_url=settings.database_direct_url.get_secret_value(),
        pool_size=pool_size or settings.database_pool_size,
        statement_seconds=statement_seconds,
        plans_anew=plans_anew,
    )


@asynccontextmanager
async def open_services(settings: Settings, *, statement_seconds: float = WORKER_SECONDS) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        database = open_database(settings, statement_seconds=statement_seconds)
        stack.push_async_callback(database.close)
        providers = await stack.enter_async_context(open_providers(settings))
        blobs = await stack.enter_async_context(open_blobs(settings))
        await blobs.prepare()
        yield Services(settings, database, providers, blobs)
