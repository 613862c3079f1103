"""The webhooks view: endpoints, their secrets, what was answered there, and again."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect
from standardwebhooks import Webhook

from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.emulator.receiver import Receiver
from tests.flows.telling import endpoint
from tests.house import House


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    door = Receiver()
    yield door
    door.close()


async def opened(page: Page, where: str = "") -> Locator:
    await page.goto(f"/#/webhooks{where}")
    await expect(page.get_by_role("heading", name="Webhooks")).to_be_visible()
    return page.get_by_label("The chosen endpoint")


async def test_one_is_added_its_secret_shown_and_a_test_sent(page: Page, receiver: Receiver) -> None:
    shown = await opened(page)
    await expect(page.get_by_text("Nobody is told yet.")).to_be_visible()
    assert await violations(page) == []
    await photograph(page, "webhooks-empty")
    await page.get_by_role("button", name="Add an endpoint").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Address").fill("https://10.0.0.1/hook")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("cannot be called")
    assert await violations(page) == []
    await dialog.get_by_label("Address").fill(receiver.url)
    await dialog.get_by_label("What it is for").fill("the shop")
    await dialog.get_by_label("It succeeded").check()
    await photograph(page, "webhooks-add")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    secret = await dialog.locator("code.secret").text_content()
    assert secret is not None and secret.startswith("whsec_")
    await photograph(page, "webhooks-secret")
    await dialog.get_by_role("button", name="Done").click()
    await expect(shown.get_by_role("heading", name="Enabled")).to_be_visible()
    await shown.get_by_role("button", name="Send a test").click()
    await expect(shown.locator(".attempts li")).to_contain_text("answered 200")
    (sent,) = receiver.deliveries
    Webhook(secret).verify(sent.body, sent.headers)
    await shown.get_by_role("button", name="Show the secret").click()
    await expect(shown.locator("code.secret")).to_have_text(secret)


async def test_an_answer_is_seen_and_sent_again(page: Page, house: House, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url, "prediction.succeeded")
    receiver.answers = [500]
    shown = await opened(page, f"/{made['id']}")
    await house.final((await house.create()).json()["id"])
    await expect(shown.locator(".attempts li")).to_contain_text("answered 500")
    await expect(shown.get_by_role("heading", name="Failing")).to_be_visible()
    await shown.get_by_role("button", name="Send again: prediction.succeeded").click()
    await expect(shown.locator(".attempts li").first).to_contain_text("answered 200")
    await shown.get_by_role("button", name="Receipt").first.click()
    await expect(page.locator("dr-drawer")).to_contain_text("truefusion-pro")


async def test_it_is_changed_disabled_enabled_rotated_and_deleted(page: Page, house: House, receiver: Receiver) -> None:
    made = await endpoint(house, receiver.url)
    shown = await opened(page, f"/{made['id']}")
    await shown.get_by_role("button", name="Edit").click()
    await page.get_by_label("What it is for").fill("renamed")
    await page.get_by_role("button", name="Save").click()
    await expect(shown.get_by_text("renamed")).to_be_visible()
    await shown.get_by_role("button", name="Disable").click()
    await expect(shown.get_by_text("You disabled it.")).to_be_visible()
    await expect(shown.get_by_role("button", name="Send a test")).to_be_disabled()
    await shown.get_by_role("button", name="Enable").click()
    await expect(shown.get_by_role("heading", name="Enabled")).to_be_visible()
    await shown.get_by_role("button", name="Send what it missed in").click()
    await expect(page.locator("dr-toasts")).to_contain_text("No missed events are sent.")
    await shown.get_by_role("button", name="New secret").click()
    await page.get_by_role("dialog").get_by_role("button", name="New secret").click()
    await expect(page.locator("dr-toasts")).to_contain_text("Both secrets sign")
    (row,) = await house.rows("SELECT secret, previous_secret FROM webhook_endpoints")
    assert row["previous_secret"] == made["secret"] != row["secret"]
    await shown.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("Nobody is told yet.")).to_be_visible()
    assert await house.rows("SELECT 1 FROM webhook_endpoints") == []


async def test_a_server_that_goes_away_is_told_calmly_and_found_again(page: Page) -> None:
    await opened(page)
    await page.route("**/api/webhook-endpoints*", lambda route: route.abort())
    await expect(page.locator(".notice")).to_contain_text("looks again by itself")
    await page.unroute("**/api/webhook-endpoints*")
    await expect(page.locator(".notice")).to_be_hidden()


async def test_hostile_texts_stay_texts(page: Page, house: House, receiver: Receiver) -> None:
    evil = '<img src=x onerror="document.title=1">\u202e' + "W" * 300
    made = await endpoint(house, receiver.url + "&x=" + "y" * 900, description=evil)
    shown = await opened(page, f"/{made['id']}")
    await expect(shown.get_by_text("<img src=x")).to_be_visible()
    assert await shown.locator("img").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(
    page: Page, house: House, receiver: Receiver, size: dict[str, int], scheme: str
) -> None:
    made = await endpoint(house, receiver.url, description="the shop")
    await endpoint(house, "https://pictures.example/hooks/darkroom", "prediction.failed")
    off = await endpoint(house, "https://old.example/", description="the old shop")
    await house.rows(
        "UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'gone' WHERE id = $1", off["id"]
    )
    receiver.answers = [500]
    await house.final((await house.create()).json()["id"])
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await opened(page)
    await expect(page.locator("a.event")).to_have_count(3)
    assert await violations(page) == []
    await photograph(page, f"webhooks-list-{size['width']}-{scheme}")
    await page.goto(f"/#/webhooks/{made['id']}")
    await expect(page.locator(".attempts li")).to_have_count(2)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"webhooks-chosen-{size['width']}-{scheme}")
