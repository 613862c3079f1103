"""The API reference: examples in the language that the reader chooses, without a script."""

from playwright.async_api import Page, expect

from tests.browser.conftest import NARROW, photograph, violations

ONE = "#createPrediction"


async def test_a_language_is_chosen_for_the_whole_page_and_nothing_moves(page: Page) -> None:
    await page.goto("/docs")
    await expect(page.locator(f"{ONE} pre.in-curl")).to_be_visible()
    await expect(page.locator(f"{ONE} pre.in-python")).to_be_hidden()
    await page.locator("#createBatch .labels").scroll_into_view_if_needed()
    before = await page.evaluate("[scrollY, document.documentElement.scrollHeight]")
    await page.locator("#createBatch .labels").get_by_text("Python").click()
    for operation in (ONE, "#createBatch", "#readCosts"):
        await expect(page.locator(f"{operation} pre.in-python")).to_be_visible()
        await expect(page.locator(f"{operation} pre.in-curl")).to_be_hidden()
    assert await page.evaluate("[scrollY, document.documentElement.scrollHeight]") == before
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(f"{ONE} pre.in-javascript")).to_be_visible()
    await expect(page.get_by_role("radio", name="JavaScript")).to_be_checked()
    await photograph(page, "docs-wide-light")


async def test_everybody_can_read_it(page: Page) -> None:
    await page.goto("/docs")
    assert await violations(page) == []
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await violations(page) == []
