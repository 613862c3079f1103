from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.emulator.buying import Shop
from tests.emulator.process import RunningEmulator, start_emulator
from tests.emulator.receiver import Receiver


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    running = start_emulator(tmp_path_factory.mktemp("emulator"), duration=0.05, webhook_backoff=0.05, art="plain")
    yield running
    running.stop()


@pytest.fixture
async def shop(emulator: RunningEmulator) -> AsyncIterator[Shop]:
    """The emulator as on its first day, and a customer with the right key."""
    async with httpx.AsyncClient(base_url=emulator.url, trust_env=False, timeout=20) as client:
        await client.post("/_reset")
        client.headers["x-api-key"] = emulator.key
        yield Shop(emulator, client)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[list[RunningEmulator]]:
    """Emulators that a test starts itself; killed when it is over."""
    started: list[RunningEmulator] = []
    yield started
    for running in started:
        running.kill()
