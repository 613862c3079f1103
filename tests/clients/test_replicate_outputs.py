"""Outputs as both official clients hand them out where we are known by https: files that can be read.

On plain http, as in development, they hand out bare addresses (test_replicate_face).
"""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from replicate.client import Client
from replicate.helpers import FileOutput

from app.settings import Settings
from tests.clients.faces import ann, apart, node_told, tls
from tests.clients.test_npm_client import node
from tests.deploy.front import certify
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.ports import free_port


@dataclass(frozen=True)
class Secure:
    house: House
    url: str
    trust: Path


@pytest.fixture
async def secure(settings: Settings, fresh_emulator: RunningEmulator, tmp_path: Path) -> AsyncIterator[Secure]:
    """A house behind TLS, and no provider that could call it."""
    certify(tmp_path)
    port = free_port()
    behind = settings.model_copy(update={"app_url": f"https://127.0.0.1:{port}"})
    async with open_house(behind, fresh_emulator) as house, tls(port, house.settings.port, tmp_path):
        yield Secure(house, behind.app_url, tmp_path / "fullchain.pem")


async def test_pypi_reads_a_file(secure: Secure) -> None:
    """With the key that it has, which it sends along to whoever has the file."""
    trusted = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=str(secure.trust)))
    key = await ann(secure.house)
    client = Client(api_token=key, base_url=f"{secure.url}/replicate", transport=trusted, trust_env=False)
    (output,) = await apart(client.run, "skytells/truefusion-pro", input={"prompt": "a red fox"})
    assert isinstance(output, FileOutput)
    assert output.url.startswith(f"{secure.url}/files/")
    assert (await apart(output.read)).startswith(b"\x89PNG")
    client._client.close()


async def test_npm_reads_a_file(secure: Secure) -> None:
    await apart(node)
    key, trust = await ann(secure.house), {"NODE_EXTRA_CA_CERTS": str(secure.trust)}
    told = await node_told("replicate_outputs.mjs", f"{secure.url}/replicate/v1", key, **trust)
    assert told["url"].startswith(f"{secure.url}/files/")
    assert told["type"] == "image/png"
    assert told["bytes"] > 100
