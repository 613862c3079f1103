from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from app.outbound.addresses import Network
from app.outbound.guard import open_client
from tests.outbound.raw_server import RawServer, raw_server

ADDRESSES = {
    "cdn.test": ["127.0.0.1"],
    "inside.test": ["169.254.169.254"],
    "mixed.test": ["127.0.0.1", "10.0.0.1"],
    "nowhere.test": [],
}


async def resolve(host: str, port: int) -> list[str]:
    return ADDRESSES.get(host, [host])


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as raw:
        yield raw


@pytest.fixture(scope="session")
def loopback() -> list[Network]:
    from ipaddress import ip_network

    return [ip_network("127.0.0.0/8")]


@pytest_asyncio.fixture
async def client(loopback: list[Network]) -> AsyncIterator[httpx.AsyncClient]:
    """Guarded, and allowed to reach this machine."""
    async with open_client(allow_nets=loopback, resolve=resolve, timeout=5) as opened:
        yield opened
