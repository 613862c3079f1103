import httpx
import pytest

from app.providers.skytells import Skytells
from tests.providers.skytells.samples import skytells_of


@pytest.fixture
def skytells(http: httpx.AsyncClient) -> Skytells:
    return skytells_of(http)
