from pathlib import Path

import pytest_asyncio

from app.storage.local import LocalStore


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> LocalStore:
    local = LocalStore(tmp_path / "blobs")
    await local.prepare()
    return local
