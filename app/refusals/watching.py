"""Who watches from outside: traces, errors, milestones."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from app.refusals.refusal import Check, Refusal
from app.settings import Settings


def is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def missing_extra(setting: str, module: str, extra: str) -> Refusal | None:
    if is_installed(module):
        return None
    cure = f"Install it with pip install 'darkroom[{extra}]' (in a clone: -e '.[{extra}]'), or leave {setting} out"
    return Refusal(setting, "needs a package that is not installed", cure)


def _traces(settings: Settings) -> Refusal | None:
    if not settings.otel_exporter_otlp_endpoint:
        return None
    return missing_extra("OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry.exporter.otlp.proto.http", "otel")


def _errors(settings: Settings) -> Refusal | None:
    dsn = settings.sentry_dsn.get_secret_value()
    if not dsn:
        return None
    parts = urlsplit(dsn)
    if parts.scheme not in ("http", "https") or not parts.username or not parts.path.strip("/"):
        return Refusal("SENTRY_DSN", "is no DSN", "Copy it from Sentry: https://<key>@<host>/<project>")
    return missing_extra("SENTRY_DSN", "sentry_sdk", "sentry")


def _plain_milestones(settings: Settings) -> Refusal | None:
    if settings.posthog_api_key.get_secret_value() and urlsplit(settings.posthog_host).scheme != "https":
        return Refusal("POSTHOG_HOST", "would send events without TLS", "Write it with https://")
    return None


def _plain_errors(settings: Settings) -> Refusal | None:
    if urlsplit(settings.sentry_dsn.get_secret_value()).scheme == "http":
        return Refusal("SENTRY_DSN", "would send errors without TLS", "Write it with https://")
    return None


ALWAYS: tuple[Check, ...] = (_traces, _errors)
STRICT: tuple[Check, ...] = (_plain_milestones, _plain_errors)
