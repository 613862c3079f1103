import httpx
import pytest

from app.providers.fal import Fal
from tests.providers.fal.samples import fal_of


@pytest.fixture
def fal(http: httpx.AsyncClient) -> Fal:
    return fal_of(http)
