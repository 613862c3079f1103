"""What `darkroom doctor` looks at, in order; what needs another thing that is missing is skipped."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

from pydantic import SecretStr

from app.actions.diagnose import production, senders
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
from app.actions.diagnose.endpoints import ENDPOINTS, check_endpoints
from app.actions.diagnose.finding import Finding, State, bad, looked_at, ok, skipped
from app.actions.diagnose.judges import NAME as MODERATION
from app.actions.diagnose.judges import check_moderation
from app.actions.diagnose.provider import check_key, check_models
from app.actions.diagnose.senders import Sender
from app.actions.diagnose.storage import BLOBS, BUCKET, DISK, OWN_DISK, check_blobs, check_disk
from app.actions.diagnose.webhook_door import LARGE_NAME, SMALL_NAME, check_webhook_door
from app.bootstrap import budget_policy, open_database, open_moderators, open_providers
from app.cli.going_live import by_hand, of_settings
from app.db.engine import Database
from app.domain.ports import Provider, Providers
from app.providers.price_table import PriceTable, UnusablePrices, load_prices
from app.refusals import find_refusals
from app.settings import PROVIDER_KEYS, Settings
from app.stores import open_blobs

OF_DATABASE = (MIGRATIONS, CLOCK, NOTIFICATIONS, ENDPOINTS)
STORES = ("STORAGE", "S3_", "GCS_", "AZURE_", "BLOB_", "VERCEL_", "CDN_", "CLOUDFRONT_")


async def examine(settings: Settings, *, for_production: bool = False) -> list[Finding]:
    """`for_production`: with what an installation should have before it meets strangers, whatever ENVIRONMENT says."""
    if for_production:
        settings = settings.model_copy(update={"environment": "production"})
    findings = [bad(each.setting, each.wrong, each.cure) for each in find_refusals(settings)]
    findings = findings or [ok("settings", f"fit for {settings.environment}")]
    async with AsyncExitStack() as stack:
        providers = await stack.enter_async_context(open_providers(_buildable(settings)))
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
    notifications = await looked_at(NOTIFICATIONS, check_notifications(database))
    if migrations.is_bad:
        return database, [first, migrations, clock, notifications, skipped(ENDPOINTS, "needs the migrations")]
    endpoints = await looked_at(ENDPOINTS, check_endpoints(database))
    return database, [first, migrations, clock, notifications, endpoints]


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
    """Every provider that is configured, and the default one, whether it is or not."""
    findings: list[Finding] = []
    for name in dict.fromkeys((settings.default_provider, *settings.providers)):
        if name in providers:
            findings += await _provider(settings, providers[name], PROVIDER_KEYS[name])
        elif name in PROVIDER_KEYS:
            why = "see its settings" if name in settings.providers else f"needs {PROVIDER_KEYS[name]}"
            findings += [skipped(f"{what}, {name}", why) for what in ("key", "clock", "models")]
    return findings


async def _provider(settings: Settings, provider: Provider, key_setting: str) -> list[Finding]:
    key, clock = await check_key(provider, key_setting)
    models = f"models, {provider.name}"
    if key.is_bad:
        return [key, clock, skipped(models, "needs the key")]
    default = settings.default_model if provider.name == settings.default_provider else None
    has_ceiling = settings.ceiling_price is not None
    checked = check_models(provider, _prices(settings), default=default, has_ceiling=has_ceiling)
    return [key, clock, await looked_at(models, checked)]


def _buildable(settings: Settings) -> Settings:
    """Without the providers, and the prices, that cannot even be opened as they are set."""
    blank: dict[str, object] = {
        PROVIDER_KEYS[name].lower(): SecretStr("")
        for name in settings.providers
        if _are_refused(settings, f"{name.upper()}_WEBHOOK_SECRET", f"{name.upper()}_MODELS") and name != "skytells"
    }
    if _are_refused(settings, "PRICES_FILE"):
        blank["prices_file"] = None
    return settings.model_copy(update=blank)


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
        check = check_webhook_door(settings.app_url, _sender(settings), database, large=large)
        findings.append(await looked_at(name, check))
    return findings


def _sender(settings: Settings) -> Sender | None:
    if "skytells" in settings.providers:
        return senders.skytells(settings.skytells_webhook_secrets[0])
    is_usable = "replicate" in settings.providers and not _are_refused(settings, "REPLICATE_WEBHOOK_SECRET")
    for secret in settings.replicate_webhook_secrets[:1] if is_usable else ():
        return senders.replicate(secret, lambda: datetime.now(UTC))
    return None
