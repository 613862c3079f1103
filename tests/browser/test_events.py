"""The events view: deliveries as they come, why one was not believed, and what can be done with each."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from app.settings import Settings
from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.house import House

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"environment": "development"})


async def opened(page: Page) -> None:
    await page.goto("/#/events")
    await expect(page.get_by_role("heading", name="Events")).to_be_visible()


def row(page: Page, word: str, *, at: int = 0):  # type: ignore[no-untyped-def]  # playwright's own
    return page.locator("a.event").filter(has_text=word).nth(at)


async def test_before_the_first_delivery_it_says_how_to_have_one(page: Page) -> None:
    await opened(page)
    await expect(page.get_by_text("Nothing was delivered yet.")).to_be_visible()
    assert await violations(page) == []
    await photograph(page, "events-empty")


async def test_deliveries_appear_by_themselves(page: Page, house: House) -> None:
    await opened(page)
    final = await house.final((await house.create()).json()["id"])
    await expect(row(page, "applied")).to_be_visible()
    await row(page, "succeeded").click()
    shown = page.get_by_label("The chosen delivery")
    await expect(shown.get_by_role("heading", name="Applied")).to_be_visible()
    await expect(shown.get_by_role("button", name=final["id"])).to_be_visible()
    await expect(shown.locator("pre")).to_contain_text('"status": "succeeded"')
    await photograph(page, "events-applied")


async def test_a_bad_signature_is_shown_with_its_reason_and_cure(page: Page, house: House) -> None:
    await opened(page)
    await house.deliver({"id": "p-1", "status": "failed"}, **{"x-skytells-signature": "f" * 64})
    await row(page, "not believed").click()
    shown = page.get_by_label("The chosen delivery")
    await expect(shown.get_by_label("Why it was not believed")).to_contain_text("fits these bytes")
    await expect(shown.get_by_label("Why it was not believed")).to_contain_text("→ Copy the secret")
    await shown.get_by_text("Headers").click()
    await expect(shown.get_by_text("f" * 64)).to_be_visible()
    await shown.get_by_role("button", name="Sign it and send it anew").click()
    await page.get_by_role("button", name="Sign and send").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Kept. No prediction is known for it.")


async def test_a_test_event_is_composed_sent_and_opened(page: Page) -> None:
    await opened(page)
    await page.get_by_role("button", name="Send a test event").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Event").select_option("failed")
    await dialog.get_by_label("Dialect").select_option("envelope")
    await expect(dialog.get_by_label("Body")).to_have_value(re.compile("prediction.failed"))
    await photograph(page, "events-send")
    await dialog.get_by_role("button", name="Sign and send").click()
    await expect(dialog.get_by_role("status")).to_contain_text("200")
    await dialog.get_by_role("button", name="Close").click()
    shown = page.get_by_label("The chosen delivery")
    await expect(shown.get_by_role("heading", name="Waiting")).to_be_visible()


async def test_a_test_event_is_opened_though_the_stream_told_of_it_first(page: Page) -> None:
    async def answered_late(route: Route) -> None:
        answer = await route.fetch()
        if not (route.request.post_data_json or {}).get("dry_run"):
            await expect(row(page, "waiting")).to_be_visible()
        await route.fulfill(response=answer)

    await opened(page)
    await page.route("**/api/deliveries/test", answered_late)
    await page.get_by_role("button", name="Send a test event").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Sign and send").click()
    await expect(dialog.get_by_role("status")).to_contain_text("200")
    await dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_label("The chosen delivery").get_by_role("heading", name="Waiting")).to_be_visible()


async def test_fal_s_cannot_be_made_and_it_says_so(page: Page) -> None:
    await opened(page)
    await page.get_by_role("button", name="Send a test event").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Provider").select_option("fal")
    await expect(dialog.get_by_role("status")).to_contain_text("signs with a key that it alone has")
    await expect(dialog.get_by_role("button", name="Sign and send")).to_be_disabled()
    assert await violations(page) == []


async def test_an_orphan_is_attached_and_replayed(page: Page, house: House) -> None:
    await house.faults(slow_create=1.0)
    created = (await house.create()).json()
    await house.deliver({"id": "p-7", "status": "processing"})
    await opened(page)
    await row(page, "waiting").click()
    shown = page.get_by_label("The chosen delivery")
    await shown.get_by_label("It tells of the prediction").fill("nonsense")
    await shown.get_by_role("button", name="Attach").click()
    await expect(shown.get_by_role("alert")).to_have_text("That is no id of a prediction.")
    await shown.get_by_label("It tells of the prediction").fill(created["id"])
    await shown.get_by_role("button", name="Attach").click()
    await expect(shown.get_by_role("heading", name="Applied")).to_be_visible()
    await shown.get_by_role("button", name="Replay", exact=True).click()
    await expect(page.locator("dr-toasts")).to_contain_text("Applied once more.")


async def test_an_edited_delivery_is_signed_anew(page: Page, house: House) -> None:
    await house.deliver({"id": "p-1", "status": "processing"})
    await opened(page)
    await row(page, "waiting").click()
    await page.get_by_role("button", name="Edit and replay").click()
    body = page.get_by_role("dialog").get_by_label("Body")
    await body.fill('{"id": "p-1", "status": "canceled"}')
    await page.get_by_role("button", name="Sign and send").click()
    await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("200")
    (newest, _) = await house.rows("SELECT body FROM deliveries ORDER BY id DESC")
    assert newest["body"] == b'{"id": "p-1", "status": "canceled"}'


async def test_an_address_opens_its_delivery(page: Page, house: House) -> None:
    await house.deliver({"id": "p-1", "status": "processing"})
    (kept,) = (await house.client.get("/api/deliveries")).json()["data"]
    await page.goto(f"/#/events/{kept['id']}")
    await expect(page.locator("pre.json")).to_contain_text("p-1")
    await page.goto("/#/events/00000000-0000-7000-8000-000000000000")
    await expect(page.get_by_label("The chosen delivery")).to_contain_text("There is no such delivery.")


async def test_a_server_that_goes_away_is_told_calmly_and_found_again(page: Page, house: House) -> None:
    await house.deliver({"id": "p-1", "status": "processing"})
    await opened(page)
    await row(page, "waiting").click()
    await page.get_by_label("It tells of the prediction").fill("typed")
    await page.route("**/api/**", lambda route: route.abort())
    await expect(page.locator(".notice")).to_contain_text("looks again by itself")
    await page.unroute("**/api/**")
    await expect(page.locator(".notice")).to_be_hidden()
    await expect(page.get_by_label("It tells of the prediction")).to_have_value("typed")


async def test_hostile_texts_stay_texts(page: Page, house: House) -> None:
    evil = '<img src=x onerror="document.title=1">\u202e' + "W" * 150
    await house.deliver({"id": "p-1", "status": "processing", "logs": evil, "<b>": None})
    await opened(page)
    await row(page, "waiting").click()
    await expect(page.locator("pre.json")).to_contain_text("<img src=x")
    assert await page.locator("pre.json img").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@SCHEMES
@SIZES
async def test_it_is_for_everybody(page: Page, house: House, size: dict[str, int], scheme: str) -> None:
    await house.final((await house.create()).json()["id"])
    await house.deliver({"id": "p-1", "status": "failed"})
    await house.client.post("/api/webhooks", content=b'{"id": "p-2", "status": "succeeded"}')
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await opened(page)
    await expect(row(page, "not believed")).to_be_visible()
    assert await violations(page) == []
    await photograph(page, f"events-list-{size['width']}-{scheme}")
    for word in ("not believed", "waiting"):
        await row(page, word).click()
        await expect(page.locator("pre.json")).to_be_visible()
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await photograph(page, f"events-{word.replace(' ', '-')}-{size['width']}-{scheme}")
        if size == NARROW:
            await page.get_by_role("link", name="All deliveries").click()
