"""The page itself, before anything is in it."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, violations


@pytest.mark.parametrize("view", ["", "events", "webhooks", "money", "health"])
async def test_every_view_opens_from_its_address_and_is_marked(page: Page, view: str) -> None:
    await page.goto(f"/#/{view}")
    await expect(page.locator(f"dr-{view or 'create'} h1").first).to_be_visible()
    await expect(page.locator(f'nav [data-view="{view or "create"}"]')).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, size: dict[str, int], scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto("/")
    await expect(page.locator("dr-create h1").first).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
