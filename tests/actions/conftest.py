from collections.abc import AsyncIterator

import pytest

from app.db.engine import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=5)
    yield opened
    await opened.close()
