"""A real Chromium on the studio of a house that is wholly there; what the page says on its console fails the test."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.emulator.process import ROOT
from tests.house import House

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "build" / "screenshots"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
expect.set_options(timeout=30_000)  # of machines that do much else


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium; without it a skip, which CI does not forgive."""
    found = shutil.which("chromium")
    if found is None or not AXE.exists():
        reason = "chromium or axe-core is not installed (./scripts/tools)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        await launched.close()


@pytest.fixture
async def context(browser: Browser, house: House) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(base_url=str(house.client.base_url), viewport=WIDE)  # type: ignore[arg-type]
    yield opened
    await opened.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Whatever goes wrong in the page is collected, and asserted to be nothing at the end."""
    opened, wrong = await context.new_page(), list[str]()
    opened.on("pageerror", lambda error: wrong.append(f"{error}"))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    assert [each for each in wrong if not _is_expected(each)] == []


def _is_expected(said: str) -> bool:
    """Chromium itself tells of every answer from 400 on."""
    return said.startswith("Failed to load resource")


async def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on the page as it is now."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", list(RULES))
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]


async def photograph(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
