"""Every unsafe setting stops the boot: its name, what is wrong, and the cure. A table, one row a fault."""

from pathlib import Path
from typing import Any

import pytest

from app.refusals import UnsafeSettings, find_refusals, load_settings
from app.settings import Settings
from tests.test_settings import SAFE

ENDPOINT = {
    "moderation": "endpoint",
    "moderation_url": "https://moderation.example/v1/moderations",
    "moderation_api_key": "mk-planted",
}
FAL = {"fal_key": "id:planted"}
Row = tuple[str, dict[str, Any], str]

UNSAFE_IN_PRODUCTION: dict[str, Row] = {
    "no address": ("APP_URL", {"APP_URL": ""}, "missing"),
    "an address without TLS": ("APP_URL", {"APP_URL": "http://darkroom.example"}, "is not https"),
    "an address of this machine": ("APP_URL", {"APP_URL": "https://127.0.0.1"}, "is no public address"),
    "an address by name of this machine": ("APP_URL", {"APP_URL": "https://localhost:8000"}, "is no public address"),
    "an address of the house": ("APP_URL", {"APP_URL": "https://10.0.0.5"}, "is no public address"),
    "every origin": ("CORS_ORIGINS", {"cors_origins": "*"}, "allows every origin"),
    "every origin beside another": ("CORS_ORIGINS", {"cors_origins": "https://a.example,*"}, "allows every origin"),
    "no keys asked for": ("AUTH_REQUIRED", {"auth_required": False}, "cannot be switched off"),
    "everybody a proxy": ("TRUSTED_PROXIES", {"trusted_proxies": "0.0.0.0/0"}, "believes whoever connects"),
    "everybody a proxy in IPv6": ("TRUSTED_PROXIES", {"trusted_proxies": "::/0"}, "believes whoever connects"),
    "everybody a proxy in halves": (
        "TRUSTED_PROXIES",
        {"trusted_proxies": "0.0.0.0/1,128.0.0.0/1"},
        "believes whoever",
    ),
    "no webhook secret": ("SKYTELLS_WEBHOOK_SECRET", {"skytells_webhook_secret": ""}, "missing"),
    "an emulator": ("SKYTELLS_BASE_URL", {"skytells_base_url": "http://localhost:8001/v1"}, "points to an emulator"),
    "a key sent without TLS": ("SKYTELLS_BASE_URL", {"skytells_base_url": "http://api.example/v1"}, "without TLS"),
    "outputs without TLS": ("SKYTELLS_OUTPUT_HOSTS", {"skytells_output_hosts": "http://cdn.example"}, "without TLS"),
    "outputs of this machine": ("SKYTELLS_OUTPUT_HOSTS", {"skytells_output_hosts": "127.0.0.1"}, "without TLS"),
    "a provider without a webhook secret": ("REPLICATE_WEBHOOK_SECRET", {"replicate_api_token": "r8_a"}, "missing"),
    "another provider's emulator": ("FAL_BASE_URL", {**FAL, "fal_base_url": "http://127.0.0.1:1"}, "points to an emul"),
    "a third provider's key sent without TLS": (
        "STABILITY_BASE_URL",
        {"stability_api_key": "sk-planted", "stability_base_url": "http://api.example"},
        "without TLS",
    ),
    "another provider's key sent without TLS": (
        "FAL_PLATFORM_URL",
        {**FAL, "fal_platform_url": "http://api.fal.example"},
        "without TLS",
    ),
    "outputs of another provider without TLS": (
        "FAL_OUTPUT_HOSTS",
        {**FAL, "fal_output_hosts": "http://cdn.example"},
        "without TLS",
    ),
    "private networks": ("OUTBOUND_ALLOW_NETS", {"outbound_allow_nets": "10.0.0.0/8"}, "opens private networks"),
    "an embedded database": ("DATABASE_URL", {"database_url": ""}, "missing"),
    "files on one disk": ("ALLOW_LOCAL_BLOBS", {"allow_local_blobs": False}, "this machine's disk alone"),
    "prompts sent without TLS": (
        "MODERATION_URL",
        {**ENDPOINT, "moderation_url": "http://moderation.example"},
        "without TLS",
    ),
    "alerts without TLS": ("SPEND_ALERT_WEBHOOK", {"spend_alert_webhook": "http://alerts.example/"}, "(scheme)"),
    "alerts to the house": ("SPEND_ALERT_WEBHOOK", {"spend_alert_webhook": "https://10.0.0.5/"}, "(address)"),
}
UNSAFE_ANYWHERE: dict[str, Row] = {
    "no provider's key": ("SKYTELLS_API_KEY", {"skytells_api_key": ""}, "missing"),
    "an unknown provider": ("DEFAULT_PROVIDER", {"default_provider": "nobody"}, "not here"),
    "a default provider without a key": ("DEFAULT_PROVIDER", {"default_provider": "fal"}, "FAL_KEY is missing"),
    "a secret that is none": (
        "REPLICATE_WEBHOOK_SECRET",
        {"replicate_api_token": "r8_a", "replicate_webhook_secret": "whsec_planted!"},
        "no secret of Standard Webhooks",
    ),
    "models that are not there": ("FAL_MODELS_FILE", {**FAL, "fal_models_file": "/nowhere"}, "cannot be read"),
    "hosts of another provider that are none": ("FAL_OUTPUT_HOSTS", {**FAL, "fal_output_hosts": "*"}, "no host"),
    "an address with a password": ("APP_URL", {"APP_URL": "https://ann:pw@darkroom.example"}, "more than an address"),
    "an address with a question": ("APP_URL", {"APP_URL": "https://darkroom.example/?a=b"}, "more than an address"),
    "an origin without a scheme": ("CORS_ORIGINS", {"cors_origins": "app.example.com"}, "no origin, 'app.example.com'"),
    "an origin with a path": ("CORS_ORIGINS", {"cors_origins": "https://app.example/"}, "is no origin"),
    "the origin of nobody": ("CORS_ORIGINS", {"cors_origins": "null"}, "is no origin"),
    "hosts that are none": ("SKYTELLS_OUTPUT_HOSTS", {"skytells_output_hosts": "*"}, "no host"),
    "another kind of database": ("DATABASE_URL", {"database_url": "mysql://u@db/x"}, "is no Postgres URL"),
    "another kind of direct database": (
        "DATABASE_DIRECT_URL",
        {"database_direct_url": "mysql://u@db/x"},
        "no Postgres",
    ),
    "another kind of Redis": ("REDIS_URL", {"redis_url": "http://:pw-planted@cache"}, "no address of a Redis"),
    "an endpoint without an address": ("MODERATION_URL", {**ENDPOINT, "moderation_url": ""}, "missing"),
    "an endpoint without a key": ("MODERATION_API_KEY", {**ENDPOINT, "moderation_api_key": ""}, "missing"),
    "a deny-list that is not there": ("MODERATION_DENY_FILE", {"moderation_deny_file": "/nowhere"}, "cannot be read"),
    "prices that are not there": ("PRICES_FILE", {"prices_file": "/nowhere"}, "cannot be read"),
}
UNREADABLE: dict[str, dict[str, Any]] = {
    "PORT": {"port": "eighty"},
    "ENVIRONMENT": {"environment": "prod"},
    "APP_URL": {"APP_URL": "darkroom.example.com"},
    "BUDGET_TIMEZONE": {"budget_timezone": "Middle/Earth"},
    "DAILY_BUDGET": {"daily_budget": "-1"},
    "CEILING_PRICE": {"ceiling_price": "cheap"},
    "RATE_LIMIT_GENERATE": {"rate_limit_generate": "often"},
    "RATE_LIMIT_BATCH": {"rate_limit_batch": "often"},
    "TRUSTED_PROXIES": {"trusted_proxies": "my-proxy"},
    "OUTBOUND_ALLOW_NETS": {"outbound_allow_nets": "everything"},
    "MODERATION": {"moderation": "on"},
    "MODERATION_ON_TROUBLE": {"moderation_on_trouble": "hope"},
    "HTTP_HEADER_SECONDS": {"http_header_seconds": "0"},
    "HTTP_BODY_SECONDS": {"http_body_seconds": "86400"},
    "SKYTELLS_WEBHOOK_FORM": {"skytells_webhook_form": "letter"},
    "SKYTELLS_USD_PER_CREDIT": {"skytells_usd_per_credit": "0"},
    "MAX_OUTPUT_BYTES": {"max_output_bytes": "0"},
    "LOG_LEVEL": {"log_level": "LOUD"},
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*Settings.model_fields, "app_url", "next_public_app_url"]:
        monkeypatch.delenv(name.upper(), raising=False)


def assert_refused(row: Row, environment: str) -> None:
    name, unsafe, wrong = row
    with pytest.raises(UnsafeSettings) as refused:
        load_settings(**{**SAFE, "environment": environment, **unsafe})
    (refusal,) = refused.value.refusals
    assert (refusal.setting, wrong in refusal.wrong, bool(refusal.cure)) == (name, True, True), refusal
    assert "planted" not in str(refusal)


@pytest.mark.parametrize("environment", ["production", "preview"])
@pytest.mark.parametrize("name", UNSAFE_IN_PRODUCTION)
def test_what_is_unsafe_in_production_stops_the_boot(name: str, environment: str) -> None:
    assert_refused(UNSAFE_IN_PRODUCTION[name], environment)


@pytest.mark.parametrize("environment", ["production", "development", "test"])
@pytest.mark.parametrize("name", UNSAFE_ANYWHERE)
def test_what_cannot_work_stops_the_boot_everywhere(name: str, environment: str) -> None:
    assert_refused(UNSAFE_ANYWHERE[name], environment)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named(name: str) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        load_settings(**{**SAFE, **UNREADABLE[name]})
    (refusal,) = refused.value.refusals
    assert (refusal.setting, "not usable" in refusal.wrong) == (name, True)


def test_a_laptop_may_do_what_production_may_not() -> None:
    """But for what cannot work anywhere."""
    laptop = {"_env_file": None, "skytells_api_key": "sk-emulator"}
    for name, (_, unsafe, _) in UNSAFE_IN_PRODUCTION.items():
        if name != "alerts to the house":
            assert find_refusals(Settings(**{**laptop, **unsafe})) == [], name


def test_a_deny_list_that_cannot_be_used_says_which_entry(tmp_path: Path) -> None:
    own = tmp_path / "deny.toml"
    own.write_text("[crude]\npatterns = ['(foo']")
    refusals = find_refusals(Settings(**{**SAFE, "moderation_deny_file": own}))
    assert [refusal.setting for refusal in refusals] == ["MODERATION_DENY_FILE"]
    assert "'(foo'" in refusals[0].wrong


def test_a_deny_list_is_nobody_s_business_while_moderation_is_off(tmp_path: Path) -> None:
    settings = Settings(**{**SAFE, "moderation": "off", "moderation_deny_file": tmp_path / "missing"})
    assert find_refusals(settings) == []


def test_an_endpoint_with_address_and_key_starts() -> None:
    assert find_refusals(Settings(**{**SAFE, **ENDPOINT})) == []


def test_proxies_that_are_one_s_own_start() -> None:
    assert find_refusals(Settings(**{**SAFE, "trusted_proxies": "10.0.0.0/8,192.168.1.7/32,fd00::/16"})) == []


def test_a_pooler_starts_with_and_without_a_direct_address() -> None:
    pooled = {"database_url": "postgresql://u:pw@db/x?pgbouncer=true"}
    assert find_refusals(Settings(**{**SAFE, **pooled})) == []
    assert find_refusals(Settings(**{**SAFE, **pooled, "database_direct_url": "postgresql://u:pw@db/x"})) == []


def test_every_fault_is_told_at_once_and_each_setting_once() -> None:
    everything: dict[str, Any] = {}
    for name in ("no address", "every origin", "everybody a proxy", "private networks", "no webhook secret"):
        everything |= UNSAFE_IN_PRODUCTION[name][1]
    found = [refusal.setting for refusal in find_refusals(Settings(**{**SAFE, **everything}))]
    assert sorted(found) == sorted(set(found))
    assert {"APP_URL", "CORS_ORIGINS", "TRUSTED_PROXIES", "OUTBOUND_ALLOW_NETS", "SKYTELLS_WEBHOOK_SECRET"} == set(
        found
    )


def test_a_provider_whose_key_is_not_set_is_nobodys_concern() -> None:
    wrong = {"replicate_webhook_secret": "", "replicate_base_url": "http://127.0.0.1:1", "fal_output_hosts": "*"}
    assert load_settings(**{**SAFE, **wrong}).providers == ("skytells",)


def test_one_provider_is_enough_whichever_it_is() -> None:
    given = {"skytells_api_key": "", "skytells_webhook_secret": "", "default_provider": "fal", **FAL}
    assert load_settings(**{**SAFE, **given}).providers == ("fal",)
