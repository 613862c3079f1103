"""Several predictions chosen, and something done with all of them."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.browser.test_list import card, open_list
from tests.house import House, eventually

PROMPTS = ("a red fox", "a blue hare", "a grey heron", "a green frog")


@pytest.fixture
async def four(house: House, page: Page) -> Page:
    """Four that have succeeded, the last of PROMPTS first in the list."""
    for prompt in PROMPTS:
        await house.final((await house.create(prompt)).json()["id"])
    await open_list(page)
    await expect(page.locator(".shot")).to_have_count(4)
    return page


def box(page: Page, prompt: str) -> Locator:
    return page.get_by_role("checkbox", name=f"Select: {prompt}")


async def chosen(page: Page) -> list[str]:
    return [str(await each.text_content()) for each in await page.locator(".shot.picked .shot-prompt").all()]


async def test_boxes_choose_one_by_one_and_with_shift_all_between(four: Page) -> None:
    page = four
    await expect(page.locator(".bulk")).to_be_hidden()
    await box(page, "a green frog").check()
    await expect(page.locator(".bulk-said")).to_have_text("1 selected")
    await box(page, "a blue hare").click(modifiers=["Shift"])
    await expect(page.locator(".bulk-said")).to_have_text("3 selected")
    await box(page, "a grey heron").uncheck()
    assert await chosen(page) == ["a green frog", "a blue hare"]
    await page.get_by_role("button", name="Clear").click()
    await expect(page.locator(".bulk")).to_be_hidden()
    assert await chosen(page) == []


async def test_a_press_with_ctrl_or_shift_chooses_instead_of_opening(four: Page) -> None:
    page = four
    await card(page, "a red fox").locator(".shot-picture").click(modifiers=["Control"])
    await card(page, "a grey heron").locator(".shot-prompt").click(modifiers=["Shift"])
    await expect(page.locator(".bulk-said")).to_have_text("3 selected")
    await expect(page.locator("dialog.viewer")).to_have_count(0)


async def test_keys_choose_too(four: Page) -> None:
    page = four
    await card(page, "a green frog").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator(".bulk-said")).to_have_text("3 selected")
    await expect(card(page, "a blue hare")).to_be_focused()
    await page.keyboard.press("x")
    await expect(page.locator(".bulk-said")).to_have_text("2 selected")
    await page.keyboard.press("Control+a")
    await expect(page.locator(".bulk-said")).to_have_text("4 selected")
    await page.keyboard.press("Escape")
    await expect(page.locator(".bulk")).to_be_hidden()


async def test_all_are_deleted_after_one_question(house: House, four: Page) -> None:
    page = four
    for prompt in ("a red fox", "a grey heron"):
        await box(page, prompt).check()
    await page.locator('.bulk [data-act="delete"]').click()
    await expect(page.locator("dialog.ask h2")).to_have_text("Delete 2 predictions?")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(".shot")).to_have_count(4)
    await page.locator('.bulk [data-act="delete"]').click()
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.locator(".toast")).to_contain_text("2 deleted.")
    await expect(page.locator(".shot")).to_have_count(2)
    await expect(page.locator(".bulk")).to_be_hidden()
    left = (await house.client.get("/api/predictions")).json()["data"]
    assert [each["input"]["prompt"] for each in left] == ["a green frog", "a blue hare"]


async def test_all_are_published_and_downloaded(house: House, four: Page) -> None:
    page = four
    await box(page, "a green frog").check()
    await page.locator('.bulk [data-act="all"]').click()
    await expect(page.locator(".bulk-said")).to_have_text("4 selected")
    fetched = list[str]()
    page.on("download", lambda download: fetched.append(download.suggested_filename))
    await page.locator('.bulk [data-act="download"]').click()
    await expect(page.locator(".toast").first).to_contain_text("4 downloaded.")
    await eventually(lambda: len(set(fetched)) == 4)
    await expect(page.locator(".bulk-said")).to_have_text("4 selected")
    await page.locator('.bulk [data-act="publish"]').click()
    await expect(page.locator(".toast").last).to_contain_text("4 published.")
    assert len((await house.client.get("/api/gallery")).json()["data"]) == 4


async def test_only_what_can_be_done_is_offered_and_says_to_how_many(house: House, four: Page) -> None:
    page = four
    await house.faults(never_finish=1)
    await house.create("a fox in the making")
    await expect(card(page, "a fox in the making")).to_have_attribute("data-stage", "running")
    await box(page, "a fox in the making").check()
    await expect(page.locator(".bulk button")).to_have_text(["Cancel", "Select all 5 shown", "Clear"])
    await box(page, "a red fox").check()
    wanted = ["Download (1)", "Publish (1)", "Cancel (1)", "Delete… (1)", "Select all 5 shown", "Clear"]
    await expect(page.locator(".bulk button")).to_have_text(wanted)
    await page.locator('.bulk [data-act="cancel"]').click()
    await expect(page.locator(".toast").first).to_contain_text("1 canceled, or asked to stop.")


async def test_what_is_refused_stays_chosen_and_says_why(four: Page) -> None:
    page = four
    answer = {"status": 409, "code": "not_publishable", "title": "No", "detail": "There is nothing to show."}
    body = {"status": 409, "content_type": "application/problem+json", "json": answer}
    await page.route("**/publish", lambda route: route.fulfill(**body))
    for prompt in ("a red fox", "a grey heron"):
        await box(page, prompt).check()
    await page.locator('.bulk [data-act="publish"]').click()
    await expect(page.locator(".toast")).to_contain_text("0 of 2 published. The others: There is nothing to show.")
    await expect(page.locator(".bulk-said")).to_have_text("2 selected")


async def test_what_is_searched_away_is_not_chosen_any_more(four: Page) -> None:
    page = four
    for prompt in ("a red fox", "a grey heron"):
        await box(page, prompt).check()
    await page.get_by_label("Search the prompts below").fill("heron")
    await expect(page.locator(".bulk-said")).to_have_text("1 selected")
    await page.get_by_label("Search the prompts below").fill("")
    await expect(page.locator(".shot")).to_have_count(4)
    assert await chosen(page) == ["a grey heron"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_choosing_is_for_everybody(four: Page, size: dict[str, int], scheme: str) -> None:
    page = four
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    await page.set_viewport_size({"width": size["width"], "height": 1_000})
    for prompt in ("a green frog", "a grey heron"):
        await box(page, prompt).check()
    await expect(page.locator(".shot img.here").first).to_be_visible()
    await photograph(page, f"list-selected-{'wide' if size is WIDE else 'narrow'}-{scheme}")
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
