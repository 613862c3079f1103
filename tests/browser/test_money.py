"""The view of money: a budget that is reached, the days, and a service that goes away and returns."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect

from app.settings import Settings
from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house

SHIFTED = """() => new Promise((told) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => { for (const each of list.getEntries()) sum += each.value; });
  watch.observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => told(sum)));
})"""
HOSTILE = "<img src=x onerror=alert(1)>" + "very-long-model-name-" * 8


@pytest.fixture
async def house(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    bound = settings.model_copy(update={"daily_budget": Decimal("1")})
    async with open_house(bound, fresh_emulator, with_worker=False) as opened:
        yield opened


async def book(house: House, captured: str, *, days_ago: int = 0, held: str = "0", model: str = "flux") -> None:
    await house.rows(
        "INSERT INTO ledger (day, prediction_id, owner, provider, model, kind, held, captured) VALUES "
        "((now() AT TIME ZONE 'UTC')::date - $1::int, gen_random_uuid(), 'development', $2, $3, 'capture', $4, $5)",
        days_ago,
        "skytells" if days_ago % 3 else "replicate",
        model,
        Decimal(held),
        Decimal(captured),
    )


async def a_month(house: House) -> None:
    for days_ago in range(1, 28, 2):
        for model in ("truefusion-pro", "flux-1.1-pro", "veo-3"):
            await book(house, f"{(days_ago * 7 % 11 + 1) / 10:.2f}", days_ago=days_ago, model=model)
    await house.rows(
        "INSERT INTO drift (provider, day, ours, theirs, unknown_here, unknown_there) VALUES "
        "('skytells', now()::date, 0.42, 0.42, 0, 0), ('replicate', now()::date, 0.40, 0.45, 1, 0)"
    )


async def test_it_shows_what_was_captured_held_and_left(page: Page, house: House) -> None:
    await book(house, "0.30")
    await book(house, "0.10", held="0.20")
    await page.goto("/#/money")
    meter = page.get_by_role("meter", name="Of today's budget")
    await expect(meter).to_have_attribute("aria-valuetext", "60 % of $1.00: $0.40 captured, $0.20 held")
    await expect(page.locator("dr-money")).to_contain_text("60 % of today's budget is used. It begins anew in")


async def test_a_budget_that_is_reached_says_what_follows(page: Page, house: House) -> None:
    await a_month(house)
    await book(house, "1.00")
    await page.goto("/#/money")
    await expect(page.locator("dr-money")).to_contain_text("The budget is used up: creates are refused.")
    await expect(page.locator(".money-bar.bad")).to_be_visible()
    await expect(page.get_by_role("region", name="Our books and theirs")).to_contain_text("−$0.05")


async def test_what_comes_in_is_seen_without_a_reload(page: Page, house: House) -> None:
    await page.goto("/#/money")
    await expect(page.locator("dr-money")).to_contain_text("0 % of today's budget")
    await book(house, "0.85")
    await expect(page.locator("dr-money")).to_contain_text("85 % of today's budget")


async def test_the_days_can_be_read_by_keyboard_and_as_a_table(page: Page, house: House) -> None:
    await book(house, "0.25")
    await book(house, "0.5", days_ago=1)
    await page.goto("/#/money")
    chart = page.get_by_role("img", name="30 days, $0.75 altogether")
    await chart.focus()
    await expect(page.locator(".chart-told")).to_contain_text("$0.25, 1 prediction")
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".chart-told")).to_contain_text("$0.50, 1 prediction")
    await page.get_by_text("As a table").click()
    await expect(page.get_by_role("region", name="Days as a table").get_by_role("row")).to_have_count(3)
    await page.get_by_label("Looking back").select_option("7")
    await expect(page.get_by_role("img", name="7 days, $0.75 altogether")).to_be_visible()


async def test_names_are_text_however_they_look(page: Page, house: House) -> None:
    await book(house, "0.25", model=HOSTILE)
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await page.goto("/#/money")
    await expect(page.get_by_role("region", name="By model")).to_contain_text(HOSTILE)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_service_that_is_away_is_told_calmly_and_comes_back(page: Page, house: House) -> None:
    await book(house, "0.25")
    await page.goto("/#/money")
    await expect(page.locator("dr-money")).to_contain_text("25 % of today's budget")
    await page.route("**/api/costs*", lambda route: route.abort())
    await expect(page.locator(".money-notice")).to_contain_text("does not answer")
    await expect(page.locator("dr-money")).to_contain_text("25 % of today's budget")
    await page.unroute("**/api/costs*")
    await expect(page.locator(".money-notice")).to_be_empty()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, house: House, size: dict[str, int], scheme: str) -> None:
    await a_month(house)
    await book(house, "0.62")
    await book(house, "0.05", held="0.18")
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto("/#/money")
    await expect(page.get_by_role("region", name="By model")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"money-{scheme}-{size['width']}")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_nothing_moves_when_it_comes(page: Page, house: House, size: dict[str, int]) -> None:
    await a_month(house)
    await book(house, "0.62")
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.goto("/#/money")
    await expect(page.get_by_role("region", name="By model")).to_be_visible()
    assert await page.evaluate(SHIFTED) < 0.01


async def test_nothing_spent_yet_looks_calm(page: Page, house: House) -> None:
    await page.goto("/#/money")
    await expect(page.locator("dr-money")).to_contain_text("Nothing was captured in these days.")
    await photograph(page, "money-empty")
