"""What `darkroom doctor` looks at, in order; what needs another thing that is missing is skipped."""

from contextlib import AsyncExitStack

from app.actions.diagnose import production
from app.actions.diagnose.database import (
    CLOCK,
    DATABASE,
    MIGRATIONS,
    NOTIFICATIONS,
    check_clock,
    check_database,
    check_migrations,
    check_notifications,
)
from app.actions.diagnose.finding import Finding, State, bad, looked_at, ok, skipped
from app.actions.diagnose.judges import NAME as MODERATION
from app.actions.diagnose.judges import check_moderation
from app.actions.diagnose.provider import check_key, check_models
from app.actions.diagnose.storage import BLOBS, BUCKET, DISK, OWN_DISK, check_blobs, check_disk
from app.actions.diagnose.webhook_door import LARGE_NAME, SMALL_NAME, check_webhook_door
from app.bootstrap import budget_policy, open_database, open_moderators, open_providers
from app.cli.going_live import by_hand, of_settings
from app.db.engine import Database
from app.domain.ports import Providers
from app.providers.price_table import PriceTable, UnusablePrices, load_prices
from app.refusals import find_refusals
from app.settings import Settings
from app.stores import open_blobs

OF_DATABASE = (MIGRATIONS, CLOCK, NOTIFICATIONS)
STORES = ("STORAGE", "S3_", "GCS_", "AZURE_", "BLOB_", "VERCEL_", "CDN_", "CLOUDFRONT_")


async def examine(settings: Settings, *, for_production: bool = False) -> list[Finding]:
    """`for_production`: with what an installation should have before it meets strangers, whatever ENVIRONMENT says."""
    if for_production:
        settings = settings.model_copy(update={"environment": "production"})
    findings = [bad(each.setting, each.wrong, each.cure) for each in find_refusals(settings)]
    findings = findings or [ok("settings", f"fit for {settings.environment}")]
    async with AsyncExitStack() as stack:
        providers = await stack.enter_async_context(open_providers(settings))
        database, about_it = await _database(settings, stack)
        findings += about_it
        findings += await _storage(settings)
        findings.append(await _moderation(settings))
        findings += await _providers(settings, providers)
        findings += await _webhook_door(settings, database)
        if for_production:
            findings += await _checklist(settings, database)
    return findings


async def _checklist(settings: Settings, database: Database | None) -> list[Finding]:
    findings = list(of_settings(settings))
    if database is not None:
        installation = await production.inspect(database, budget_policy(settings))
        findings += production.of_installation(installation)
    return [*findings, *by_hand()]


async def _database(settings: Settings, stack: AsyncExitStack) -> tuple[Database | None, list[Finding]]:
    """None if there is none to talk to."""
    try:
        database = open_database(settings, pool_size=1)
    except ValueError:
        return None, [skipped(name, "see DATABASE_URL") for name in (DATABASE, *OF_DATABASE)]
    stack.push_async_callback(database.close)
    first = await looked_at(DATABASE, check_database(database))
    if first.is_bad:
        return None, [first, *(skipped(name, "needs the database") for name in OF_DATABASE)]
    migrations = await looked_at(MIGRATIONS, check_migrations(database))
    clock = await looked_at(CLOCK, check_clock(database))
    return database, [first, migrations, clock, await looked_at(NOTIFICATIONS, check_notifications(database))]


async def _storage(settings: Settings) -> list[Finding]:
    if _are_refused(settings, *STORES):
        return [skipped(name, "see its settings") for name in (BLOBS, DISK)]
    cure = OWN_DISK if settings.store == "local" else BUCKET
    async with open_blobs(settings) as blobs:
        first = await looked_at(BLOBS, check_blobs(blobs, cure=cure))
        return [first, await looked_at(DISK, check_disk(blobs, cure=cure))]


def _are_refused(settings: Settings, *prefixes: str) -> bool:
    return any(refusal.setting.startswith(prefixes) for refusal in find_refusals(settings))


async def _moderation(settings: Settings) -> Finding:
    if _are_refused(settings, "MODERATION"):
        return skipped(MODERATION, "see its settings")
    async with open_moderators(settings) as moderators:
        return await looked_at(MODERATION, check_moderation(moderators))


async def _providers(settings: Settings, providers: Providers) -> list[Finding]:
    findings: list[Finding] = []
    for name, provider in providers.items():
        setting = f"{name.upper()}_API_KEY"
        if _are_refused(settings, setting):
            findings += [skipped(f"{what}, {name}", f"needs {setting}") for what in ("key", "clock", "models")]
            continue
        key, clock = await check_key(provider)
        findings += [key, clock]
        if key.is_bad:
            findings.append(skipped(f"models, {name}", "needs the key"))
            continue
        has_ceiling = settings.ceiling_price is not None
        models = check_models(provider, _prices(settings), default=settings.default_model, has_ceiling=has_ceiling)
        findings.append(await looked_at(f"models, {name}", models))
    return findings


def _prices(settings: Settings) -> PriceTable:
    try:
        return load_prices(settings.prices_file)
    except UnusablePrices:
        return load_prices()


async def _webhook_door(settings: Settings, database: Database | None) -> list[Finding]:
    findings: list[Finding] = []
    for name, large in ((SMALL_NAME, False), (LARGE_NAME, True)):
        if findings and findings[0].state is not State.OK:
            findings.append(skipped(name, "needs the webhook URL"))
            continue
        check = check_webhook_door(settings.app_url, settings.skytells_webhook_secrets, database, large=large)
        findings.append(await looked_at(name, check))
    return findings
