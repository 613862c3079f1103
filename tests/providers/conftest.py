from collections.abc import AsyncIterator

import httpx
import pytest

from tests.providers.stub import ApiStub


@pytest.fixture
def api() -> ApiStub:
    return ApiStub()


@pytest.fixture
async def http(api: ApiStub) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(api), trust_env=False) as client:
        yield client
