"""The production checklist: what should be set before strangers and their money come (`darkroom doctor --production`).

What nobody can see from here is said as a thing to do.
"""

from collections.abc import Iterator

from app.actions.diagnose.finding import Finding, bad, ok, skipped
from app.settings import Settings


def of_settings(settings: Settings) -> Iterator[Finding]:
    yield _wanted("daily budget", settings.daily_budget is not None, "DAILY_BUDGET", "anybody may spend without end")
    yield _wanted("spend alerts", bool(settings.spend_alert_webhook), "SPEND_ALERT_WEBHOOK", "nobody is told")
    limited = "off" not in (settings.rate_limit_generate, settings.rate_limit_batch)
    yield _wanted("rate limits", limited, "RATE_LIMIT_GENERATE and RATE_LIMIT_BATCH", "off")
    if settings.moderation == "off":
        yield bad("moderation", "off", "Set MODERATION=deny-list, or endpoint")
    yield _wanted("disk watch", settings.disk_reserve_mb > 0, "DISK_RESERVE_MB", "off")
    yield (
        ok("outputs", f"kept in {settings.store}")
        if settings.store != "local"
        else skipped(
            "outputs", "on this machine's disk: back DARKROOM_DATA up, and give the proxy ACCEL_REDIRECT_PREFIX"
        )
    )
    yield _optional("CDN", bool(settings.cdn_url), "CDN_URL", "files are served from here or the bucket")
    yield _optional("proxy's clients", bool(settings.trusted_proxies), "TRUSTED_PROXIES", "only behind a proxy")
    yield _optional("errors", bool(settings.sentry_dsn.get_secret_value()), "SENTRY_DSN", "in the log alone")
    yield _optional("traces", bool(settings.otel_exporter_otlp_endpoint), "OTEL_EXPORTER_OTLP_ENDPOINT", "none")
    yield _optional("retention", settings.retain_predictions_days > 0, "RETAIN_PREDICTIONS_DAYS", "kept for ever")


def by_hand() -> Iterator[Finding]:
    yield skipped("backups", "not to be seen from here: point-in-time recovery, and rehearse `darkroom restored`")
    yield skipped("monitoring", "not to be seen from here: scrape /metrics, load scripts/monitoring/alerts.yaml")


def _wanted(name: str, is_set: bool, setting: str, without: str) -> Finding:
    return ok(name, "set") if is_set else bad(name, without, f"Set {setting}")


def _optional(name: str, is_set: bool, setting: str, without: str) -> Finding:
    return ok(name, "set") if is_set else skipped(name, f"{without} ({setting})")
