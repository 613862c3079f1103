"""A studio that asks for a key: signing in, out, and what happens when the key ends while the page is open."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from app.actions.issue_key import revoke_key
from app.settings import Settings
from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.steps import database_of, issued, key_for


@pytest.fixture
async def house(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    asking = settings.model_copy(update={"auth_required": True})
    async with open_house(asking, fresh_emulator, with_worker=False) as opened:
        yield opened


async def sign_in(page: Page, key: str) -> None:
    dialog = page.get_by_role("dialog", name="Sign in")
    await dialog.get_by_label("Key").fill(key)
    await dialog.get_by_role("button", name="Sign in").click()


async def test_the_page_asks_for_a_key_by_itself_and_shows_whose_it_is(page: Page, house: House) -> None:
    await page.goto("/#/money")
    await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    await expect(page.get_by_label("Key")).to_be_focused()
    assert await page.get_by_label("Key").get_attribute("type") == "password"
    await sign_in(page, "dk_00000000_wrong")
    await expect(page.get_by_role("alert")).to_contain_text("opens nothing")
    await photograph(page, "signing-in-wrong")
    assert await violations(page) == []
    await sign_in(page, await key_for(house, "ann"))
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("dr-session")).to_contain_text("ann")
    await expect(page.locator("dr-money")).to_contain_text("Ever")
    await expect(page.locator(".money-notice")).to_be_empty()
    assert await page.evaluate("document.cookie") == ""


async def test_signing_out_leaves_nothing_on_the_page(page: Page, house: House) -> None:
    await page.goto("/#/money")
    await sign_in(page, await key_for(house, "ann"))
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    await expect(page.locator("dr-session")).not_to_contain_text("ann")


async def test_a_key_that_ends_while_the_page_is_open_keeps_what_was_typed(page: Page, house: House) -> None:
    key = await issued(house, "ann")
    await page.goto("/#/money")
    await sign_in(page, key.key.text)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_label("Looking back").select_option("90")
    async with database_of(house) as database:
        await revoke_key(database, key.key.prefix)
    await expect(page.get_by_role("dialog", name="Sign in")).to_contain_text("has ended")
    await sign_in(page, await key_for(house, "ann"))
    await expect(page.locator(".money-notice")).to_be_empty()
    await expect(page.get_by_label("Looking back")).to_have_value("90")


async def test_who_does_not_want_to_is_not_asked_again_and_again(page: Page) -> None:
    await page.goto("/#/money")
    await expect(page.get_by_label("Key")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_label("Looking back").select_option("7")
    await expect(page.locator(".money-notice")).to_contain_text("Sign in")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_label("Key")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, size: dict[str, int], scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto("/#/money")
    await expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"signing-in-{scheme}-{size['width']}")
