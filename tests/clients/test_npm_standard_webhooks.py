"""npm `standardwebhooks`, as it is published, on what an endpoint is sent while its secret is rotated."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.standard_webhooks import new_secret
from tests.clients.test_npm_client import node
from tests.emulator.receiver import Receiver
from tests.flows.telling import endpoint
from tests.house import House

HERE = Path(__file__).parent


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def test_it_verifies_by_the_new_secret_and_the_old_one(house: House, receiver: Receiver) -> None:
    node()
    made = await endpoint(house, receiver.url)
    path = f"/api/webhook-endpoints/{made['id']}"
    rotated = (await house.client.post(f"{path}/rotate", json={})).json()
    await house.client.post(f"{path}/test")
    (sent,) = await receiver.got(1)
    secrets = [made["secret"], rotated["secret"], new_secret()]
    asked = {"secrets": secrets, "body": sent.body.decode(), "headers": sent.headers}
    script = HERE / "standard_webhooks.mjs"
    started = await asyncio.create_subprocess_exec("node", script, json.dumps(asked), stdout=-1, stderr=-1)
    said, complained = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, complained.decode()
    assert json.loads(said) == ["webhook_endpoint.test", "webhook_endpoint.test", "WebhookVerificationError"]
