"""Whom we buy from, and what may be fetched from there. What is wrong with a provider whose key is not set is nobody's
concern."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from app.domain.standard_webhooks import UnusableSecret, key_of
from app.outbound.hosts import HostRules
from app.providers.fal.models import UnusableModels, load_models
from app.refusals.refusal import Check, Refusal
from app.settings import DEVELOPMENT_WEBHOOK_SECRET, PROVIDER_KEYS, Settings, is_of_this_machine

THIS_MACHINE = ("localhost", "127.", "[::1]", "::1")


def _any_key(settings: Settings) -> Refusal | None:
    if settings.providers:
        return None
    others = ", ".join(setting for name, setting in PROVIDER_KEYS.items() if name != "skytells")
    return Refusal(
        "SKYTELLS_API_KEY",
        "missing, so nothing can be bought",
        f"Set it to your key (sk-…), or run ./scripts/up, which brings an emulator; other providers: {others}",
    )


def _default_provider(settings: Settings) -> Refusal | None:
    name = settings.default_provider
    if name not in PROVIDER_KEYS:
        cure = f"Set it to one of: {', '.join(PROVIDER_KEYS)}"
        return Refusal("DEFAULT_PROVIDER", "names a provider that is not here", cure)
    if settings.providers and name not in settings.providers:
        cure = f"Set {PROVIDER_KEYS[name]}, or set DEFAULT_PROVIDER (and DEFAULT_MODEL) to {settings.providers[0]}'s"
        return Refusal("DEFAULT_PROVIDER", f"names {name}, whose {PROVIDER_KEYS[name]} is missing", cure)
    return None


def _output_hosts(settings: Settings) -> Iterator[Refusal]:
    for setting, hosts in _hosts(settings):
        try:
            HostRules.of(*hosts)
        except ValueError:
            cure = "List host names, comma-separated; `*.` stands for all names below one"
            yield Refusal(setting, "has an entry that is no host", cure)


def _public_output_hosts(settings: Settings) -> Iterator[Refusal]:
    for setting, hosts in _hosts(settings):
        for host in hosts:
            if host.startswith(("http://", *THIS_MACHINE)):
                cure = "List the provider's own hosts; they are fetched from by https"
                yield Refusal(setting, f"would fetch outputs without TLS ({host})", cure)


def _hosts(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in settings.providers:
        if hosts := getattr(settings, f"{name}_output_hosts", ()):  # Stability's outputs come in its answers
            yield f"{name.upper()}_OUTPUT_HOSTS", hosts


def _skytells_secret(settings: Settings) -> Refusal | None:
    given = settings.skytells_webhook_secret.get_secret_value()
    if "skytells" not in settings.providers:
        return None
    if not given:
        return Refusal(
            "SKYTELLS_WEBHOOK_SECRET",
            "missing, so deliveries cannot be verified",
            "Set it to the dashboard's secret, or to the API key where the account signs with that",
        )
    if DEVELOPMENT_WEBHOOK_SECRET in given:
        return Refusal("SKYTELLS_WEBHOOK_SECRET", "is the public development constant", "Set a real secret")
    return None


def _replicate_secret(settings: Settings) -> Refusal | None:
    if "replicate" not in settings.providers or settings.replicate_webhook_secrets:
        return None
    return Refusal(
        "REPLICATE_WEBHOOK_SECRET",
        "missing, so deliveries cannot be verified",
        "Set it to the `key` that GET https://api.replicate.com/v1/webhooks/default/secret tells",
    )


def _usable_replicate_secret(settings: Settings) -> Refusal | None:
    try:
        for secret in settings.replicate_webhook_secrets:
            key_of(secret)
    except UnusableSecret:
        return Refusal(
            "REPLICATE_WEBHOOK_SECRET", "is no secret of Standard Webhooks", "Write it as whsec_… and base64"
        )
    return None


def _fal_models(settings: Settings) -> Refusal | None:
    try:
        load_models(settings.fal_models_file)
    except UnusableModels as error:
        return Refusal("FAL_MODELS_FILE", str(error), "Write it like app/providers/fal/models.toml")
    return None


def _base_urls(settings: Settings) -> Iterator[Refusal]:
    for setting in _addresses(settings):
        url = getattr(settings, setting.lower())
        if is_of_this_machine(url):
            name = setting.partition("_")[0].capitalize()
            yield Refusal(setting, "points to an emulator on this machine", f"Remove it to use {name}")
        elif urlsplit(url).scheme != "https":
            yield Refusal(setting, "would send the API key without TLS", "Write it with https://")


def _addresses(settings: Settings) -> Iterator[str]:
    yield from (f"{name.upper()}_BASE_URL" for name in settings.providers)
    if "fal" in settings.providers:
        yield from ("FAL_PLATFORM_URL", "FAL_JWKS_URL")


def _outbound(settings: Settings) -> Refusal | None:
    if settings.outbound_allow_nets:
        return Refusal("OUTBOUND_ALLOW_NETS", "opens private networks to outbound requests", "Remove it")
    return None


ALWAYS: tuple[Check, ...] = (_any_key, _default_provider, _output_hosts, _usable_replicate_secret, _fal_models)
STRICT: tuple[Check, ...] = (_skytells_secret, _replicate_secret, _base_urls, _outbound, _public_output_hosts)
