"""`/client.js` in a page of another origin: the key stays on that page's server, a prediction's token comes along."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.ports import free_port
from tests.web.steps import key_for

FOLLOW = """async ([base, id, token]) => {
  const {Darkroom} = await import(`${base}/client.js`);
  const darkroom = new Darkroom({token});
  const seen = [];
  for await (const each of darkroom.events(id)) seen.push(each.status);
  const waited = await darkroom.wait(id);
  const refused = await darkroom.list().catch((error) => error.code);
  return {seen, waited: waited.status, output: waited.output.length, refused};
}"""
BUY = """async ([base, key]) => {
  const {Darkroom} = await import(`${base}/client.js`);
  const darkroom = new Darkroom({baseUrl: base, key});
  const heard = [];
  const canvas = Object.assign(document.createElement("canvas"), {width: 300, height: 200});
  const blob = await new Promise((resolve) => canvas.toBlob(resolve));
  const sent = await darkroom.upload(blob, {onProgress: (share) => heard.push(share)});
  const made = await darkroom.run({model: "truefusion-2.0", input: {prompt: "a fox", image: sent.id}});
  return {width: sent.width, status: made.status, heard: heard.at(-1)};
}"""


@dataclass(frozen=True)
class Elsewhere:
    origin: str


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """Another origin: an empty page."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    port = free_port()
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        yield Elsewhere(f"http://127.0.0.1:{port}")


@pytest.fixture
async def open_to_it(settings: Settings, fresh_emulator: RunningEmulator, elsewhere: Elsewhere) -> AsyncIterator[House]:
    allowing = settings.model_copy(update={"cors_origins": (elsewhere.origin,)})
    async with open_house(allowing, fresh_emulator) as opened:
        yield opened


@pytest.fixture
async def page_elsewhere(browser: Browser, elsewhere: Elsewhere) -> AsyncIterator[Page]:
    opened = await browser.new_page()
    await opened.goto(elsewhere.origin)
    yield opened
    await opened.close()


async def test_a_page_elsewhere_follows_what_its_server_bought(page_elsewhere: Page, open_to_it: House) -> None:
    created = (await open_to_it.create("a red fox")).json()
    base = str(open_to_it.client.base_url).rstrip("/")
    seen = await page_elsewhere.evaluate(FOLLOW, [base, created["id"], created["client_token"]])
    assert seen["seen"][-1] == seen["waited"] == "succeeded"
    assert seen["output"] == 1
    assert seen["refused"] == "unauthenticated"


async def test_a_page_elsewhere_may_upload_and_buy_where_that_is_wished(
    page_elsewhere: Page, open_to_it: House
) -> None:
    base = str(open_to_it.client.base_url).rstrip("/")
    seen = await page_elsewhere.evaluate(BUY, [base, await key_for(open_to_it, "ann")])
    assert seen == {"width": 300, "status": "succeeded", "heard": 1}
