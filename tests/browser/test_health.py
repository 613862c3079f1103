"""The health view: able to work, what has to read zero, and the emulator's faults as switches."""

import pytest
from playwright.async_api import Page, expect

from app.settings import Settings
from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"environment": "development"})


async def opened(page: Page) -> None:
    await page.goto("/#/health")
    await expect(page.locator(".zero.well").first).to_be_visible()


async def test_what_has_to_be_zero_is_and_what_is_not_names_its_cure(page: Page, house: House) -> None:
    await opened(page)
    await expect(page.get_by_text("Able to work")).to_be_visible()
    await expect(page.locator(".zero.well")).to_have_count(7)
    await house.deliver({"id": "p-1", "status": "processing"})
    orphans = page.locator('[data-name="orphans"]')
    await expect(orphans).to_contain_text("1")
    await expect(orphans).to_contain_text("→ Attach")
    await photograph(page, "health-orphan")


async def test_the_books_and_the_doctor_are_asked_when_somebody_wishes(page: Page) -> None:
    await opened(page)
    await page.get_by_role("button", name="Look at everything now").click()
    await expect(page.locator('[data-name="wrong_balances"].well')).to_be_visible()
    await expect(page.locator(".finding").first).to_contain_text("Postgres")
    assert await violations(page) == []


async def test_a_switch_makes_the_next_prediction_fail(page: Page, house: House) -> None:
    await opened(page)
    chaos = page.get_by_role("region", name="Chaos")
    await chaos.get_by_text("Jobs").first.click()
    await chaos.locator("#fault-fail").check()
    await expect(chaos.get_by_role("status")).to_have_text("Now: fail.")
    assert (await house.final((await house.create()).json()["id"]))["status"] == "failed"
    await chaos.get_by_role("button", name="Calm").click()
    await expect(chaos.get_by_role("status")).to_contain_text("calm")
    assert (await house.final((await house.create()).json()["id"]))["status"] == "succeeded"


async def test_a_lost_webhook_loses_nothing(page: Page, house: House) -> None:
    await opened(page)
    await page.get_by_role("button", name="Lose every webhook").click()
    await expect(page.get_by_role("button", name="Lose every webhook")).to_have_attribute("aria-pressed", "true")
    assert (await house.final((await house.create()).json()["id"]))["status"] == "succeeded"
    assert await house.rows("SELECT 1 FROM deliveries") == []


async def test_outside_development_there_is_no_chaos(
    page: Page, settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    strict = settings.model_copy(update={"environment": "test"})
    async with open_house(strict, fresh_emulator, with_worker=False) as other:
        await page.goto(f"{other.client.base_url}/#/health")
        await expect(page.locator(".zero.well").first).to_be_visible()
        await expect(page.locator(".chaos")).to_be_hidden()


async def test_a_server_that_goes_away_is_told_calmly_and_found_again(page: Page, house: House) -> None:
    await opened(page)
    await page.route("**/*health*/**", lambda route: route.abort())
    await expect(page.locator(".notice")).to_contain_text("looks again by itself")
    await page.unroute("**/*health*/**")
    await expect(page.locator(".notice")).to_be_hidden()
    await expect(page.get_by_text("Able to work")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, house: House, size: dict[str, int], scheme: str) -> None:
    await house.faults(drop=0.3, fail=1.0)
    await house.deliver({"id": "p-1", "status": "processing"})
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await opened(page)
    await expect(page.get_by_role("region", name="Chaos")).to_be_visible()
    await page.get_by_role("button", name="Look at everything now").click()
    await expect(page.locator(".finding").first).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"health-{size['width']}-{scheme}")
