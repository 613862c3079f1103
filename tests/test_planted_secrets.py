"""Secrets are planted, the service is driven through what works and what breaks, and then everything it said is read.

The processes are real ones at their most talkative, once with lines for programs and once with lines for people.
"""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.actions.issue_key import issue_key
from app.bootstrap import open_services
from app.db.engine import Database
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async
from tests.ports import free_port
from tests.web.wire import Wire, wired

PLANTED = {
    "database password": "pw-planted-in-the-database-url",
    "moderation key": "mk-planted-moderation-key",
    "Redis password": "rp-planted-redis-password",
}


@dataclass
class Everything:
    """What the processes wrote, and what clients were answered. `secrets` are by what they are."""

    secrets: dict[str, str]
    answers: list[str] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    def heard(self, answer: httpx.Response) -> httpx.Response:
        self.answers.append(f"{answer.headers} {answer.text}")
        return answer

    def leaks(self) -> list[str]:
        written = b"\n".join(self.lines).decode(errors="replace")
        said = "\n".join(self.answers)
        return [
            f"{name} {where}"
            for name, secret in self.secrets.items()
            for where, text in (("in the log", written), ("in an answer", said))
            if secret in text
        ]


def environment_of(settings: Settings, url: str, form: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "test",
        "AUTH_REQUIRED": "true",
        "PORT": str(free_port()),
        "DARKROOM_DATA": str(settings.darkroom_data),
        "DATABASE_URL": re.sub(r"//([^:@/]+)@", rf"//\1:{PLANTED['database password']}@", url),
        "SKYTELLS_API_KEY": settings.skytells_api_key.get_secret_value(),
        "SKYTELLS_WEBHOOK_SECRET": settings.skytells_webhook_secret.get_secret_value(),
        "SKYTELLS_BASE_URL": settings.skytells_base_url,
        "SKYTELLS_OUTPUT_HOSTS": "127.0.0.1",
        "OUTBOUND_ALLOW_NETS": "127.0.0.0/8",
        "RECONCILE_MAX_SECONDS": "2",
        "RATE_LIMIT_GENERATE": "off",
        "MODERATION": "endpoint",
        "MODERATION_URL": f"http://127.0.0.1:{free_port()}/v1/moderations",
        "MODERATION_API_KEY": PLANTED["moderation key"],
        "MODERATION_ON_TROUBLE": "allow",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": form,
    }


@asynccontextmanager
async def process(command: str, environment: dict[str, str], everything: Everything) -> AsyncIterator[None]:
    darkroom = Path(sys.executable).with_name("darkroom")
    folder = Path(environment["DARKROOM_DATA"])
    folder.mkdir(exist_ok=True)
    running = await asyncio.create_subprocess_exec(
        darkroom, command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert running.stdout is not None
    reading = asyncio.create_task(running.stdout.read())
    try:
        yield
    finally:
        running.terminate()
        everything.lines.append(await reading)
        await running.wait()


@asynccontextmanager
async def talkative(
    settings: Settings, emulator: RunningEmulator, wire: Wire, everything: Everything, form: str
) -> AsyncIterator[House]:
    environment = environment_of(settings, wire.url, form)
    base = f"http://127.0.0.1:{environment['PORT']}"
    async with (
        process("web", environment, everything),
        process("worker", environment, everything),
        httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client,
    ):
        await eventually_async(lambda: _answers(client))
        yield House(settings, emulator, client)


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health")).status_code == 200
    except httpx.TransportError:
        return False


async def a_key(settings: Settings) -> str:
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    try:
        return (await issue_key(database, owner="ann")).key.text
    finally:
        await database.close()


async def drive(house: House, key: str, everything: Everything) -> None:
    """Bought and stored; refused by us, by the provider and by nobody; asked for with wrong keys and signatures."""
    house.client.headers["authorization"] = f"Bearer {key}"
    succeeded = await _created(house, everything, webhook=f"http://127.0.0.1:{free_port()}/hook")
    await house.faults(content_policy=1)
    filtered = await _created(house, everything)
    await house.faults(reply_cut=1)
    await _created(house, everything)
    await house.faults()
    for prediction in (succeeded, filtered):
        everything.heard(await house.client.get(f"/api/predictions/{prediction}?wait=15"))
        everything.heard(await house.client.get(f"/api/predictions/{prediction}/receipt"))
    everything.heard(await house.client.get("/api/predictions"))
    await _asked_wrongly(house, key, everything)


async def _created(house: House, everything: Everything, **more: Any) -> str:
    """The answer shows the client token, and is therefore not kept."""
    body = {"model": "truefusion-pro", "input": {"prompt": "a red fox"}, **more}
    made = (await house.client.post("/api/predictions", json=body)).json()
    everything.secrets[f"client token {len(everything.secrets)}"] = made["client_token"]
    token = {"token": made["client_token"]}
    everything.heard(await house.client.get(f"/api/predictions/{made['id']}", params=token))
    return str(made["id"])


async def _asked_wrongly(house: House, key: str, everything: Everything) -> None:
    secret = house.emulator.secret
    for path, headers, body in (
        ("/api/predictions", {"authorization": f"Bearer {key}x"}, b"{}"),
        ("/api/predictions", {"x-api-key": "another"}, b"{}"),
        ("/api/predictions", {"content-type": "application/json"}, _misplaced(key, secret)),
        ("/api/webhooks", {"x-skytells-signature": secret}, b"{}"),
        (f"/api/webhooks?t={secret}", {"x-skytells-signature": "sha256=" + "0" * 64}, b"{}"),
    ):
        everything.heard(await house.client.post(path, content=body, headers=headers))
    everything.heard(await house.deliver(b"not JSON"))
    everything.heard(await house.client.get(f"/nothing?key={key}"))


def _misplaced(key: str, secret: str) -> bytes:
    """Secrets where values belong, as hasty people send them."""
    return json.dumps({"model": secret, "input": {"prompt": key, "width": secret}, "provider": key}).encode()


async def breaks(house: House, wire: Wire, everything: Everything) -> None:
    """A table is gone, then the whole database."""
    await house.rows("ALTER TABLE predictions RENAME TO misplaced")
    broken = everything.heard(await house.client.get("/api/predictions"))
    assert broken.status_code == 500
    await wire.cut()
    assert everything.heard(await house.client.get("/api/predictions")).status_code == 503
    everything.heard(await house.client.get("/health/ready"))


async def secrets_within(settings: Settings, everything: Everything) -> None:
    """Those that only the database knows."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        for name, query in (
            ("callback token", "SELECT callback_token FROM misplaced"),
            ("signing secret", "SELECT secret FROM webhook_secrets"),
        ):
            for number, row in enumerate(await connection.fetch(query)):
                everything.secrets[f"{name} {number}"] = str(row[0])
    finally:
        await connection.close()


@pytest.mark.parametrize("form", ["json", "console"])
async def test_no_secret_is_ever_said(
    settings: Settings, database_url: str, fresh_emulator: RunningEmulator, form: str
) -> None:
    key = await a_key(settings)
    secrets = {"key": key, "provider's key": fresh_emulator.key, "webhook secret": fresh_emulator.secret}
    everything = Everything({**secrets, "key's own part": key.split("_", 2)[2], **PLANTED})
    async with wired(database_url) as wire, talkative(settings, fresh_emulator, wire, everything, form) as house:
        await drive(house, key, everything)
        await breaks(house, wire, everything)
    await secrets_within(settings, everything)
    kinds = {re.sub(r" \d+$", "", name) for name in everything.secrets}
    assert {"callback token", "client token", "signing secret"} <= kinds
    assert all(len(secret) >= 10 for secret in everything.secrets.values())
    written = b"".join(everything.lines)
    assert b"Traceback" in written and b"moderation gave no verdict" in written, "the test looked at nothing"
    assert everything.leaks() == []


async def test_no_repr_shows_one(settings: Settings) -> None:
    planted = Settings(
        _env_file=None,
        darkroom_data=settings.darkroom_data,
        database_url=f"postgresql://ann:{PLANTED['database password']}@db/darkroom",
        database_direct_url=f"postgresql://ann:{PLANTED['database password']}@db/darkroom",
        redis_url=f"redis://:{PLANTED['Redis password']}@cache/0",
        moderation_api_key=PLANTED["moderation key"],
        skytells_api_key="sk-planted-key",
        skytells_webhook_secret="whsec-planted",
    )
    async with open_services(planted) as services:
        for each in (planted, services, services.database, services.database.address, services.providers["skytells"]):
            for text in (repr(each), str(each)):
                assert "planted" not in text.replace(str(settings.darkroom_data), "")
