"""Unexpected errors for Sentry: where it broke, and no secret."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.refusals.watching import missing_extra
from app.settings import Settings
from app.telemetry.scrubbing import HIDDEN, scrubber, secrets_of
from tests.house import eventually, eventually_async
from tests.ports import free_port
from tests.telemetry.collector import Collector, collecting

SECRETS = ("sk-planted", "whsec-planted", "pw-planted", "dk_abc.def", "ct_abc", "vercel_blob_rw_a_b")


def event_with(value: str) -> dict[str, Any]:
    frame = {"filename": "app/a.py", "function": "f", "lineno": 1, "vars": {"key": "sk-planted"}}
    return {
        "event_id": "1",
        "request": {"headers": {"authorization": "Bearer dk_abc"}},
        "extra": {"sys.argv": ["sk-planted"]},
        "breadcrumbs": {"values": ["sk-planted"]},
        "user": {"ip_address": "1.2.3.4"},
        "exception": {"values": [{"type": "ValueError", "value": value, "stacktrace": {"frames": [frame]}}]},
    }


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_leaves(secret: str) -> None:
    scrub = scrubber({"whsec-planted", "pw-planted"})
    sent = scrub(event_with(f"refused {secret} at postgresql://ann:pw@db/x?t={secret}\nDETAIL: {secret}"), {})
    assert secret not in json.dumps(sent)
    assert "sk-planted" not in json.dumps(sent)
    assert sent["exception"]["values"][0]["value"].startswith(f"refused {HIDDEN} at postgresql://{HIDDEN}db/x")
    assert set(sent) == {"event_id", "exception"}


def test_where_it_broke_is_kept() -> None:
    (told,) = scrubber(())(event_with("plain words"), {})["exception"]["values"]
    assert (told["type"], told["value"]) == ("ValueError", "plain words")
    assert told["stacktrace"]["frames"] == [{"filename": "app/a.py", "function": "f", "lineno": 1}]


def test_every_secret_of_the_settings_is_known() -> None:
    settings = Settings(_env_file=None, skytells_webhook_secret="whsec-new, whsec-old", posthog_api_key="phc_planted")
    assert {"whsec-new", "whsec-old", "phc_planted"} <= secrets_of(settings)


def test_a_missing_package_is_refused_with_its_cure() -> None:
    refusal = missing_extra("SENTRY_DSN", "package_that_is.not_there", "sentry")
    assert refusal is not None
    assert "darkroom[sentry]" in refusal.cure
    assert missing_extra("SENTRY_DSN", "json", "sentry") is None


@pytest.mark.parametrize("command", ["web", "worker"])
async def test_what_breaks_in_a_process_is_heard(command: str, settings: Settings) -> None:
    """The table of tallies is gone: `/metrics` breaks in the web, and the folding in the worker."""
    with collecting() as collector:
        async with process(command, settings, collector) as url:
            await run(settings, "DROP TABLE tallies")
            if command == "web":
                assert await broken_answer(url) == 500
            await eventually(lambda: "UndefinedTable" in told(collector))
    assert f'"role":"{command}"' in told(collector).replace(": ", ":")
    assert '"environment":"test"' in told(collector).replace(": ", ":")
    for secret in (settings.skytells_api_key, settings.skytells_webhook_secret):
        assert secret.get_secret_value() not in told(collector)


def told(collector: Collector) -> str:
    return b"\n".join(collector.bodies("/api/1/envelope/")).decode()


async def broken_answer(url: str) -> int:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        return (await client.get("/metrics")).status_code


@asynccontextmanager
async def process(command: str, settings: Settings, collector: Collector) -> AsyncIterator[str]:
    """A real one. It has begun once it says so on its log."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "test",
        "PORT": str(port),
        "DARKROOM_DATA": str(settings.darkroom_data),
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "SKYTELLS_API_KEY": settings.skytells_api_key.get_secret_value(),
        "SKYTELLS_WEBHOOK_SECRET": settings.skytells_webhook_secret.get_secret_value(),
        "SKYTELLS_BASE_URL": settings.skytells_base_url,
        "SENTRY_DSN": collector.url.replace("//", "//public@") + "/1",
        "LOG_FORMAT": "json",
    }
    darkroom = Path(sys.executable).with_name("darkroom")
    running = await asyncio.create_subprocess_exec(
        darkroom, command, cwd=settings.darkroom_data.parent, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        if command == "web":
            await eventually_async(lambda: answers(f"http://127.0.0.1:{port}"))
        else:
            await listening(running)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        await running.communicate()


async def listening(running: asyncio.subprocess.Process) -> None:
    assert running.stderr is not None
    async with asyncio.timeout(60):
        while b"worker ready" not in await running.stderr.readline():
            assert running.returncode is None


async def answers(url: str) -> bool:
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            return (await client.get("/health")).status_code == 200
    except httpx.TransportError:
        return False


async def run(settings: Settings, statement: str) -> None:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
