"""One submission, now, as a worker does it."""

from dataclasses import replace
from uuid import UUID

from app.bootstrap import Services, open_workshop
from app.domain.ports import Providers
from app.domain.work import WorkKind
from app.jobs.handlers import handlers


async def submit(services: Services, prediction_id: UUID, providers: Providers | None = None) -> None:
    async with open_workshop(services) as shop:
        await handlers(replace(shop, providers=providers or shop.providers))[WorkKind.SUBMIT](prediction_id)
