"""Whom we buy from, and what may be fetched from there."""

from urllib.parse import urlsplit

from app.outbound.hosts import HostRules
from app.refusals.refusal import Check, Refusal
from app.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings

KNOWN = ("skytells",)
THIS_MACHINE = ("localhost", "127.", "[::1]", "::1")


def _api_key(settings: Settings) -> Refusal | None:
    if settings.skytells_api_key.get_secret_value():
        return None
    return Refusal(
        "SKYTELLS_API_KEY",
        "missing, so nothing can be bought",
        "Set it to your key (sk-…), or run ./scripts/up, which brings an emulator",
    )


def _default_provider(settings: Settings) -> Refusal | None:
    if settings.default_provider in KNOWN:
        return None
    return Refusal("DEFAULT_PROVIDER", "names a provider that is not here", f"Set it to one of: {', '.join(KNOWN)}")


def _output_hosts(settings: Settings) -> Refusal | None:
    try:
        HostRules.of(*settings.skytells_output_hosts)
    except ValueError:
        cure = "List host names, comma-separated; `*.` stands for all names below one"
        return Refusal("SKYTELLS_OUTPUT_HOSTS", "has an entry that is no host", cure)
    return None


def _public_output_hosts(settings: Settings) -> Refusal | None:
    for host in settings.skytells_output_hosts:
        if host.startswith(("http://", *THIS_MACHINE)):
            cure = "List the provider's own hosts; they are fetched from by https"
            return Refusal("SKYTELLS_OUTPUT_HOSTS", f"would fetch outputs without TLS ({host})", cure)
    return None


def _webhook_secret(settings: Settings) -> Refusal | None:
    given = settings.skytells_webhook_secret.get_secret_value()
    if not given:
        return Refusal(
            "SKYTELLS_WEBHOOK_SECRET",
            "missing, so deliveries cannot be verified",
            "Set it to the dashboard's secret, or to the API key where the account signs with that",
        )
    if DEVELOPMENT_WEBHOOK_SECRET in given:
        return Refusal("SKYTELLS_WEBHOOK_SECRET", "is the public development constant", "Set a real secret")
    return None


def _base_url(settings: Settings) -> Refusal | None:
    if settings.skytells_is_emulated:
        return Refusal("SKYTELLS_BASE_URL", "points to an emulator on this machine", "Remove it to use Skytells")
    if urlsplit(settings.skytells_base_url).scheme != "https":
        return Refusal("SKYTELLS_BASE_URL", "would send the API key without TLS", "Write it with https://")
    return None


def _outbound(settings: Settings) -> Refusal | None:
    if settings.outbound_allow_nets:
        return Refusal("OUTBOUND_ALLOW_NETS", "opens private networks to outbound requests", "Remove it")
    return None


ALWAYS: tuple[Check, ...] = (_api_key, _default_provider, _output_hosts)
STRICT: tuple[Check, ...] = (_webhook_secret, _base_url, _outbound, _public_output_hosts)
