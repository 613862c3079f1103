from collections.abc import Iterator

import httpx
import pytest

from app.providers.replicate import Replicate
from tests.providers.replicate.samples import replicate_of
from tests.providers.replicate.server import ReplicateServer


@pytest.fixture
def replicate(http: httpx.AsyncClient) -> Replicate:
    return replicate_of(http)


@pytest.fixture
def server() -> Iterator[ReplicateServer]:
    running = ReplicateServer()
    yield running
    running.close()
