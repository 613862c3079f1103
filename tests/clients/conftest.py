from collections.abc import Iterator

import pytest

from tests.emulator.process import RunningEmulator, start_emulator
from tests.web.conftest import refusing

__all__ = ["refusing"]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """An emulator in the dialect that the published clients understand, which is its own."""
    emulator = start_emulator(tmp_path_factory.mktemp("clients"), duration=0.2, art="plain")
    yield emulator
    emulator.stop()


@pytest.fixture
def emulator(running: RunningEmulator) -> RunningEmulator:
    running.reset()
    return running
