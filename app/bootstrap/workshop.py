"""What a worker works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app.actions.fetch_output import Collecting
from app.actions.resolve_pictures import PictureSources
from app.actions.retain import Retention
from app.bootstrap.providers import output_hosts
from app.bootstrap.services import Services
from app.domain.budgets import BudgetPolicy
from app.domain.endpoints import Patience
from app.jobs.handlers import Workshop
from app.outbound.download import DownloadLimits
from app.outbound.guard import open_client
from app.settings import Settings
from app.storage.inputs import Examiner
from app.storage.thumbnails import Thumbnails
from app.stores import files_url, sweep_seconds
from app.web.compat.notices import notice_body
from app.web.views import Views

MAX_PIXELS = 100_000_000
"""Four times the largest picture that any listed model makes; decoded it would need 400 MB, so it has no thumbnail."""
DOWNLOAD_SECONDS = 900.0
STALL_SECONDS = 15.0


@asynccontextmanager
async def open_workshop(services: Services) -> AsyncIterator[Workshop]:
    settings = services.settings
    async with open_client(allow_nets=settings.outbound_allow_nets) as http, _thumbnails() as thumbnails:
        collecting = Collecting(
            blobs=services.blobs,
            http=http,
            hosts=output_hosts(settings),
            limits=DownloadLimits(settings.max_output_bytes, DOWNLOAD_SECONDS, STALL_SECONDS),
            max_pixels=MAX_PIXELS,
            thumbnails=thumbnails,
        )
        yield Workshop(
            database=services.database,
            providers=services.providers,
            collecting=collecting,
            sources=PictureSources(services.database, services.blobs, http, files_url(settings), Examiner()),
            public_url=settings.public_url,
            lease=timedelta(seconds=settings.worker_lease_seconds),
            slots=settings.worker_slots,
            render=partial(notice_body, Views(settings.public_url, files_url=files_url(settings))),
            orphan_age_seconds=settings.orphan_age_seconds,
            orphan_sweep_seconds=sweep_seconds(settings),
            budgets=budget_policy(settings),
            retention=retention(settings),
            alert_url=settings.spend_alert_webhook,
            patience=Patience(settings.webhook_disable_days),
            drain_seconds=settings.worker_drain_seconds,
        )


@asynccontextmanager
async def _thumbnails() -> AsyncIterator[Thumbnails]:
    with closing(Thumbnails()) as thumbnails:
        yield thumbnails


def budget_policy(settings: Settings) -> BudgetPolicy:
    return BudgetPolicy(settings.daily_budget, settings.ceiling_price, ZoneInfo(settings.budget_timezone))


def retention(settings: Settings) -> Retention:
    return Retention(settings.retain_predictions_days, settings.retain_deliveries_days, settings.upload_retention_hours)
