"""The receipt drawer: what was said to the provider."""

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NARROW, SCREENSHOTS, WIDE, violations
from tests.house import House


async def opened(page: Page, prediction_id: str) -> Locator:
    await page.goto(f"/#/p/{prediction_id}")
    drawer = page.locator("dialog.drawer")
    await expect(drawer.locator(".receipt-told li").first).to_be_visible()
    return drawer


async def test_a_call_is_shown_as_it_was_without_its_secrets(house: House, page: Page, context: BrowserContext) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    drawer = await opened(page, (await house.final((await house.create()).json()["id"]))["id"])
    call = drawer.locator('[data-name="call-0"]')
    await expect(call.locator("> summary")).to_contain_text("POST /v1/predictions")
    await expect(call.locator(".call-status")).to_have_text("202")
    await call.locator("> summary").click()
    await expect(call.locator(".message").first.locator("pre")).to_contain_text('"prompt": "a red fox"')
    await expect(call.locator(".message").last.locator("pre")).to_contain_text('"status": "pending"')
    await call.locator('[data-name="headers-request-0"] summary').click()
    await expect(call.locator("dl").first).to_contain_text("x-api-key")
    await call.get_by_role("button", name="Copy the request").click()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("POST http://") and "x-api-key: ••••" in copied and '"webhook"' in copied
    shown = await page.locator("dialog.drawer").inner_text()
    assert house.emulator.key not in copied + shown and "?t=••••" in copied
    assert await violations(page) == []


async def test_a_lost_reply_is_said_to_be_lost(house: House, page: Page) -> None:
    await house.faults(reply_cut=1)
    drawer = await opened(page, (await house.final((await house.create()).json()["id"]))["id"])
    await expect(drawer.locator(".call-status").first).to_contain_text("no answer: ")
    await drawer.locator('[data-name="call-0"] > summary').click()
    await expect(drawer.locator('[data-name="call-0"]')).to_contain_text("Nothing came back")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_calls_are_for_everybody(house: House, page: Page, size: dict[str, int], scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    await page.set_viewport_size({"width": size["width"], "height": 2_600})
    drawer = await opened(page, (await house.final((await house.create()).json()["id"]))["id"])
    await drawer.locator('[data-name="call-0"] > summary').click()
    await drawer.locator('[data-name="headers-request-0"] summary').click()
    name = f"{'wide' if size is WIDE else 'narrow'}-{scheme}"
    await drawer.screenshot(path=SCREENSHOTS / f"drawer-calls-{name}.png")
    assert await violations(page) == []
    assert await drawer.evaluate("(drawer) => drawer.scrollWidth <= drawer.clientWidth")
