"""Settings: every one explained, and an unsafe one stops the boot with its name and the cure."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.refusals import UnsafeSettings, load_settings
from app.settings import DEVELOPMENT_WEBHOOK_SECRET, Settings

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / ".env.example").read_text()
OF_UP_ALONE = {"EMULATOR_PORT", "NGROK_API_URL", "DARKROOM_API_KEY"}
SAFE: dict[str, Any] = {
    "_env_file": None,
    "environment": "production",
    "APP_URL": "https://darkroom.example.com",
    "database_url": "postgresql://user:pw-of-the-database@db/darkroom",
    "skytells_api_key": "sk-real",
    "skytells_webhook_secret": "whsec-real",
    "allow_local_blobs": True,
}
UNSAFE: dict[str, dict[str, Any]] = {
    "APP_URL": {"APP_URL": "http://darkroom.example.com"},
    "CORS_ORIGINS": {"cors_origins": "*"},
    "SKYTELLS_API_KEY": {"skytells_api_key": ""},
    "SKYTELLS_WEBHOOK_SECRET": {"skytells_webhook_secret": ""},
    "SKYTELLS_BASE_URL": {"skytells_base_url": "http://127.0.0.1:8001/v1"},
    "ALLOW_LOCAL_BLOBS": {"allow_local_blobs": False},
    "OUTBOUND_ALLOW_NETS": {"outbound_allow_nets": "10.0.0.0/8"},
    "DATABASE_URL": {"database_url": ""},
    "DATABASE_DIRECT_URL": {"database_direct_url": "mysql://user@db/darkroom"},
    "SKYTELLS_OUTPUT_HOSTS": {"skytells_output_hosts": "cdn.skytells.ai,*"},
    "AUTH_REQUIRED": {"auth_required": False},
    "REDIS_URL": {"redis_url": "http://:pw@localhost"},
    "RATE_LIMIT_GENERATE": {"rate_limit_generate": "10"},
    "RATE_LIMIT_BATCH": {"rate_limit_batch": "0"},
    "TRUSTED_PROXIES": {"trusted_proxies": "10.0.0.1/8"},
    "RATE_LIMIT_QUOTE": {"rate_limit_quote": "seldom"},
    "MAX_UNFINISHED": {"max_unfinished": -1},
    "MAX_STREAMS": {"max_streams": -1},
    "PORT": {"port": "eighty"},
    "ENVIRONMENT": {"environment": "prod"},
    "DISK_RESERVE_MB": {"disk_reserve_mb": -1},
    "OTEL_EXPORTER_OTLP_ENDPOINT": {"otel_exporter_otlp_endpoint": "collector:4318"},
    "SENTRY_DSN": {"sentry_dsn": "http://key@sentry.example.com/1"},
    "POSTHOG_HOST": {"posthog_api_key": "phc_any", "posthog_host": "http://posthog.example.com"},
}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*Settings.model_fields, "app_url", "next_public_app_url"]:
        monkeypatch.delenv(name.upper(), raising=False)


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    explained = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.MULTILINE)) - OF_UP_ALONE
    assert explained == {name.upper() for name in Settings.model_fields}


def test_the_example_s_values_are_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE)
    read, plain = Settings(_env_file=tmp_path / ".env"), Settings(_env_file=None)
    assert read.model_dump() == plain.model_dump()


@pytest.mark.parametrize("environment", ["production", "preview"])
def test_safe_settings_start(environment: str) -> None:
    assert load_settings(**{**SAFE, "environment": environment}).is_strict


@pytest.mark.parametrize(("name", "unsafe"), UNSAFE.items(), ids=UNSAFE)
def test_an_unsafe_setting_is_named_with_its_cure(name: str, unsafe: dict[str, Any]) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        load_settings(**{**SAFE, **unsafe})
    assert [refusal.setting for refusal in refused.value.refusals] == [name]
    assert all(refusal.cure for refusal in refused.value.refusals)


def test_everything_unsafe_is_told_at_once() -> None:
    with pytest.raises(UnsafeSettings) as refused:
        load_settings(**{**SAFE, **UNSAFE["APP_URL"], **UNSAFE["CORS_ORIGINS"]})
    assert {refusal.setting for refusal in refused.value.refusals} == {"APP_URL", "CORS_ORIGINS"}


def test_the_development_secret_is_never_taken_in_production() -> None:
    with pytest.raises(UnsafeSettings, match="SKYTELLS_WEBHOOK_SECRET"):
        load_settings(**{**SAFE, "skytells_webhook_secret": f"whsec-real,{DEVELOPMENT_WEBHOOK_SECRET}"})


def test_a_secret_from_the_environment_wins_over_the_development_constant() -> None:
    assert Settings(_env_file=None, skytells_webhook_secret="new, old").skytells_webhook_secrets == ("new", "old")
    assert DEVELOPMENT_WEBHOOK_SECRET in Settings(_env_file=None).skytells_webhook_secrets


def test_no_secret_shows_in_a_repr_or_a_refusal() -> None:
    settings = Settings(**SAFE)
    with pytest.raises(UnsafeSettings) as refused:
        load_settings(**{**SAFE, "port": "sk-real"})
    for text in (repr(settings), str(settings), str(refused.value)):
        assert not re.search("sk-real|whsec-real|pw-of-the-database", text)


@pytest.mark.parametrize("command", ["web", "worker"])
def test_a_process_with_bad_settings_exits_with_2_and_says_why(command: str, tmp_path: Path) -> None:
    darkroom = Path(sys.executable).with_name("darkroom")
    environment = {"PATH": os.environ["PATH"], "ENVIRONMENT": "production", "SKYTELLS_API_KEY": "sk-real"}
    ended = subprocess.run(
        [darkroom, command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert "APP_URL: missing" in ended.stderr
    assert "Traceback" not in ended.stderr
