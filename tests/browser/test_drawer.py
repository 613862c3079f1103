"""The receipt drawer: what was said to the provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import NARROW, SCREENSHOTS, WIDE, violations
from tests.house import House

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)


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


DRAWN = """async (receipt) => {
  const {drawn} = await import("/studio/drawer/spans.js");
  return drawn(receipt).lanes.map(({name, marks}) => [name, marks.map(({words}) => words.slice(7, 8)).join("")]);
}"""


async def test_what_was_fetched_at_the_same_time_stands_in_lanes_of_its_own(page: Page) -> None:
    def transfer(position: int, start: float, seconds: float) -> dict[str, Any]:
        at = (BEGUN + timedelta(seconds=start + seconds)).isoformat()
        return {"at": at, "kind": "transfer", "detail": {"position": position, "outcome": "stored", "seconds": seconds}}

    timeline = [transfer(0, 1, 3), transfer(1, 2, 1), transfer(2, 3, 2), transfer(3, 3.5, 1), transfer(4, 4, 1)]
    prediction = {"created_at": BEGUN.isoformat(), "completed_at": (BEGUN + timedelta(seconds=6)).isoformat()}
    await page.goto("/")
    lanes = await page.evaluate(DRAWN, {"prediction": prediction, "timeline": timeline})
    assert lanes[1:] == [["Transfers", "15"], ["", "23"], ["", "4"]]


async def test_four_outputs_are_drawn_without_covering_each_other(house: House, page: Page) -> None:
    body = {"model": "truefusion-pro", "input": {"prompt": "four foxes", "num_outputs": 4}}
    made = (await house.client.post("/api/predictions", json=body)).json()
    drawer = await opened(page, (await house.final(made["id"]))["id"])
    await expect(drawer.locator('.life-bar[title^="Output"]')).to_have_count(4)
    covered = await drawer.evaluate("""(drawer) => [...drawer.querySelectorAll(".life-marks")].some((lane) => {
      const bars = [...lane.querySelectorAll('[title^="Output"]')].map((bar) => bar.getBoundingClientRect());
      const covers = (one, other) => other !== one && one.left < other.left && other.left < one.right - 3.5;
      return bars.some((one) => bars.some((other) => covers(one, other)));
    })""")
    assert not covered
    await drawer.screenshot(path=SCREENSHOTS / "drawer-lanes.png")


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
