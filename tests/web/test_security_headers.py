"""What browsers are told, on every answer: no guessing of types, no embedding, nothing to run, and https for good."""

from collections.abc import AsyncIterator

import pytest

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.steps import file_stored

DATA = ("/health", "/health/ready", "/api/models", "/api/predictions", "/nothing", "/files/nothing", "/openapi.json")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize("path", [*DATA, "/docs"])
async def test_every_answer_is_careful(standing: House, path: str) -> None:
    headers = (await standing.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize("path", DATA)
async def test_data_is_for_no_page_to_show(standing: House, path: str) -> None:
    headers = (await standing.client.get(path)).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cross-origin-resource-policy"] == "same-origin"


async def test_refusals_are_as_careful_as_answers(standing: House) -> None:
    for answer in (
        await standing.client.post("/api/predictions", content=b"{", headers={"content-type": "application/json"}),
        await standing.client.put("/api/predictions"),
        await standing.client.options("/api/predictions"),
        await standing.client.post("/api/webhooks", content=b"{}"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_pictures_may_be_embedded_elsewhere_and_run_nothing(standing: House) -> None:
    key = await file_stored(standing, PNG, "image/png", "png")
    headers = (await standing.client.get(f"/files/{key}")).headers
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["content-disposition"] == "inline"
    assert headers["x-content-type-options"] == "nosniff"


async def test_what_a_browser_would_run_is_a_download(standing: House) -> None:
    key = await file_stored(standing, SVG, "application/octet-stream", "bin")
    headers = (await standing.client.get(f"/files/{key}")).headers
    assert headers["content-disposition"] == "attachment"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_plain_http_address_promises_no_https(standing: House) -> None:
    for path in (*DATA, "/docs"):
        assert "strict-transport-security" not in (await standing.client.get(path)).headers


@pytest.fixture
async def secure(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    public = settings.model_copy(update={"app_url": "https://darkroom.example"})
    async with open_house(public, fresh_emulator, with_worker=False) as opened:
        yield opened


async def test_an_https_address_is_promised_for_a_year(secure: House) -> None:
    for path in (*DATA, "/docs"):
        answer = await secure.client.get(path)
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
