import httpx
import pytest

from app.providers.stability import Stability
from tests.providers.stability.samples import stability_of


@pytest.fixture
def stability(http: httpx.AsyncClient) -> Stability:
    return stability_of(http)
