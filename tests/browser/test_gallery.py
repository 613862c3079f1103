"""The gallery's pages in a browser."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.house import House

PROMPTS = [
    "a red fox in fresh snow",
    "<b>bold</b> \u202eand turned around",
    "long " * 400,
    "a lighthouse at dusk",
    "熊",
]


async def published(house: House, prompt: str) -> str:
    made = await house.final((await house.create(prompt)).json()["id"])
    assert made["status"] == "succeeded", made
    assert (await house.client.post(f"/api/predictions/{made['id']}/publish")).status_code == 200
    return str(made["id"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, house: House, size: dict[str, int], scheme: str) -> None:
    made = [await published(house, prompt) for prompt in PROMPTS]
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto("/gallery")
    await expect(page.get_by_role("listitem")).to_have_count(len(PROMPTS))
    assert await page.evaluate(
        "[...document.images].slice(0, 2).every((each) => each.complete && each.naturalWidth > 0)"
    )
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"gallery-{scheme}-{size['width']}")
    for prediction_id in (made[0], made[2]):
        await page.goto(f"/gallery/{prediction_id}")
        await expect(page.locator(".shown img")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"gallery-one-{scheme}-{size['width']}")


async def test_axe_finds_nothing(page: Page, house: House) -> None:
    made = await published(house, "a red fox")
    for path in ("/gallery", f"/gallery/{made}", "/gallery/00000000-0000-0000-0000-000000000000"):
        await page.goto(path)
        assert await violations(page) == [], path


async def test_the_keyboard_reaches_every_picture(page: Page, house: House) -> None:
    made = await published(house, "a red fox")
    await page.goto("/gallery")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/gallery/{made}")
    await expect(page.get_by_role("heading", name="a red fox")).to_be_visible()


async def test_a_gallery_with_nothing_in_it(page: Page) -> None:
    await page.goto("/gallery")
    await expect(page.locator(".empty")).to_contain_text("Nothing is shown yet.")
    await photograph(page, "gallery-empty")
