"""The live list: every prediction of one's own as it comes, ends, fails, and can be acted on."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect

from app.storage.thumbhash import thumbhash
from tests.browser.conftest import NARROW, SCREENSHOTS, WIDE, photograph, violations
from tests.house import House, eventually_async

HOSTILE = (
    '<img src=x onerror="document.title=1"><script>document.title=2</script> \u202e\u202eevil \u05e9\u05dc\u05d5\u05dd '
)
MOST_NODES = 2_500


async def open_list(page: Page) -> None:
    await page.goto("/")
    await expect(page.locator('dr-list [role="feed"][aria-busy="false"]')).to_be_attached()


def card(page: Page, prompt: str) -> Locator:
    return page.locator(".shot").filter(has_text=prompt)


async def choose(page: Page, prompt: str, action: str) -> None:
    await card(page, prompt).locator('[data-act="menu"]').click()
    await page.locator(f'dr-list .shot-menu [data-act="{action}"]').click()


async def test_one_is_watched_from_the_order_to_its_picture(house: House, page: Page) -> None:
    await open_list(page)
    await expect(page.get_by_text("Nothing here yet")).to_be_visible()
    await house.faults(never_finish=1)
    detail = {"key": "k1", "count": 1, "model": "truefusion-pro", "input": {"prompt": "a red fox"}}
    tell = "([name, detail]) => document.dispatchEvent(new CustomEvent(name, {detail}))"
    await page.evaluate(tell, ["dr-creating", detail])
    await expect(card(page, "a red fox").locator(".shimmer")).to_be_visible()

    created = (await house.create()).json()
    await page.evaluate(tell, ["dr-created", {"key": "k1", "prediction": created}])
    await expect(card(page, "a red fox")).to_have_count(1)
    await expect(card(page, "a red fox")).to_have_attribute("data-stage", "running")
    await expect(card(page, "a red fox").locator(".shot-cost")).to_contain_text("$0.03 held")
    await house.faults()

    await expect(card(page, "a red fox").locator("img.here")).to_be_visible()
    await expect(card(page, "a red fox").locator(".shot-state")).to_contain_text("Done")
    await expect(card(page, "a red fox").locator(".shot-cost")).to_have_text("Paid $0.03")
    await card(page, "a red fox").locator("button.shot-picture").click()
    await expect(page.locator("dialog.viewer img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog.viewer")).to_have_count(0)


async def test_an_order_that_is_refused_leaves_no_card(house: House, page: Page) -> None:
    await open_list(page)
    tell = "([name, detail]) => document.dispatchEvent(new CustomEvent(name, {detail}))"
    await page.evaluate(tell, ["dr-creating", {"key": "k1", "count": 3, "model": "m", "input": {"prompt": "no"}}])
    await expect(page.locator(".shot .shot-tile .shimmer")).to_have_count(3)
    await page.evaluate(tell, ["dr-create-failed", {"key": "k1", "error": {}}])
    await expect(page.locator(".shot")).to_have_count(0)


@pytest.mark.parametrize(
    ("faults", "words", "following"),
    [
        ({"fail": 1}, "The provider failed to make it", "Run it again"),
        ({"nsfw": 1}, "Its moderation refused it", "Word the prompt differently"),
        ({"cdn_html": 1}, "What came back is not safe to keep", "The receipt says what it was"),
    ],
    ids=["failed", "filtered", "unsafe"],
)
async def test_a_failure_says_what_happened_and_what_to_do(
    house: House, page: Page, faults: dict[str, Any], words: str, following: str
) -> None:
    await house.faults(**faults)
    await open_list(page)
    await house.final((await house.create()).json()["id"])
    await expect(page.locator(".shot-sorry")).to_contain_text(words)
    await expect(page.locator(".shot-sorry")).to_contain_text(following)


async def test_a_lost_webhook_is_not_noticed(house: House, page: Page) -> None:
    await house.faults(drop=1)
    await open_list(page)
    await house.create()
    await expect(page.locator(".shot img.here")).to_be_visible()


async def test_what_is_late_at_the_cdn_shows_the_time_that_is_left(house: House, page: Page) -> None:
    await house.faults(cdn_500={"share": 1, "times": 4})
    await house.create()
    await open_list(page)
    await expect(page.locator(".ring-number")).to_have_text(re.compile(r"0:\d\d"))


async def test_a_running_one_is_canceled(house: House, page: Page) -> None:
    await house.faults(never_finish=1)
    await house.create()
    await open_list(page)
    await expect(page.locator('.shot[data-stage="running"]')).to_be_visible()
    await page.locator('.shot [data-act="cancel"]').click()
    await expect(page.locator(".shot .shot-state")).to_contain_text("Canceled")
    await expect(page.locator(".shot .shot-cost")).to_have_text("Not charged")


async def test_one_is_deleted_for_good_in_both_tabs(house: House, page: Page, context: BrowserContext) -> None:
    final = await house.final((await house.create()).json()["id"])
    other = await context.new_page()
    await open_list(page)
    await open_list(other)
    await expect(other.locator(".shot")).to_have_count(1)
    await choose(page, "a red fox", "delete")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.locator(".shot")).to_have_count(1)
    await choose(page, "a red fox", "delete")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.locator(".shot")).to_have_count(0)
    await expect(other.locator(".shot")).to_have_count(0)
    assert (await house.client.get(f"/api/predictions/{final['id']}")).status_code == 404
    await expect(page.locator(".toast")).to_contain_text("Deleted")


async def test_a_reload_in_the_middle_and_a_second_tab_lose_and_double_nothing(
    house: House, page: Page, context: BrowserContext
) -> None:
    await house.faults(never_finish=1)
    for prompt in ("one fox", "two foxes"):
        await house.create(prompt)
    await open_list(page)
    await page.reload()
    other = await context.new_page()
    await open_list(other)
    await house.create("three foxes")
    for each in (page, other):
        await expect(each.locator(".shot")).to_have_count(3)
    await house.faults()
    for each in (page, other):
        await expect(each.locator('.shot[data-status="succeeded"]')).to_have_count(3)


async def test_run_again_and_vary_make_new_ones(house: House, page: Page) -> None:
    await house.final((await house.create()).json()["id"])
    await open_list(page)
    await choose(page, "a red fox", "again")
    await expect(page.locator('.shot[data-status="succeeded"]')).to_have_count(2)
    await page.locator('.shot [data-act="menu"]').first.click()
    await page.locator('dr-list .shot-menu [data-act="vary"]').click()
    await expect(page.locator('.shot[data-status="succeeded"]')).to_have_count(3)
    assert len(await house.ledger()) == 3


async def test_a_hostile_prompt_is_only_words(house: House, page: Page) -> None:
    prompt = HOSTILE + "w" * (9_990 - len(HOSTILE))
    created = await house.create(prompt)
    assert created.status_code == 201, created.text
    await house.final(created.json()["id"])
    await open_list(page)
    await expect(page.locator(".shot .shot-prompt")).to_contain_text("<script>document.title=2</script>")
    await page.locator('.shot [data-act="receipt"]').click()
    await expect(page.locator("dialog.drawer .receipt-told li").first).to_be_visible()
    assert await page.title() == "Darkroom studio"
    assert await page.locator(".shot script, .shot .shot-prompt img, .drawer script").count() == 0
    for size in (NARROW, WIDE):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate("(d => d.scrollWidth <= d.clientWidth)(document.querySelector('dialog.drawer'))")


async def test_a_picture_that_does_not_decode_looks_like_that(house: House, page: Page) -> None:
    await house.final((await house.create()).json()["id"])
    await page.route("**/files/*", lambda route: route.fulfill(content_type="image/png", body=b"no picture"))
    await open_list(page)
    await expect(page.locator(".shot-frame")).to_contain_text("This picture cannot be shown")
    await expect(page.locator(".shot-frame a")).to_have_text("Open the file")


@pytest.mark.parametrize(
    ("model", "more", "player"),
    [("truefusion-video", {}, "video"), ("beatfusion-2.0", {"lyrics": "la la la"}, "audio")],
    ids=["film", "tune"],
)
async def test_films_and_tunes_have_controls(
    house: House, page: Page, model: str, more: dict[str, Any], player: str
) -> None:
    order = {"model": model, "input": {"prompt": "a fox sings"} | more}
    created = await house.client.post("/api/predictions", json=order)
    assert created.status_code == 201, created.text
    await house.final(created.json()["id"])
    await open_list(page)
    shown = page.locator(f".shot {player}[controls]")
    await expect(shown).to_have_attribute("aria-label", "a fox sings")
    assert await violations(page) == []


async def test_what_is_deleted_elsewhere_goes_and_stays_away(house: House, page: Page, browser: Browser) -> None:
    """Elsewhere is another browser: what only the tabs of one tell each other does not reach it."""
    final = await house.final((await house.create("soon gone")).json()["id"])
    elsewhere = await browser.new_context(base_url=str(house.client.base_url))
    other = await elsewhere.new_page()
    for each in (page, other):
        await open_list(each)
        await expect(each.locator("dr-list .list-mark")).to_contain_text("Live")
        await expect(each.locator(".shot")).to_have_count(1)
    await other.locator(".shot").focus()
    await page.goto(f"/#/p/{final['id']}")
    await expect(page.locator(".receipt-told")).to_be_visible()
    await other.keyboard.press("Delete")
    await other.get_by_role("button", name="Delete for good").click()
    await expect(page.locator("dialog.drawer")).to_contain_text("It may have been deleted")
    await expect(page.locator(".shot")).to_have_count(0)
    await elsewhere.close()


async def test_without_a_stream_it_polls_and_says_so(house: House, page: Page) -> None:
    await page.route("**/api/live", lambda route: route.fulfill(status=404))
    await open_list(page)
    await expect(page.locator("dr-list .list-mark")).to_have_text("◌ Polling")
    await house.create()
    await expect(page.locator(".shot img.here")).to_be_visible()


async def test_what_the_stream_tells_is_never_undone_by_an_older_list(house: House, page: Page) -> None:
    final = await house.final((await house.create("told by the stream")).json()["id"])
    told = (await house.client.get(f"/api/predictions/{final['id']}")).text
    older = final | {"status": "processing", "stage": "running", "output": None, "files": [], "completed_at": None}

    async def late(route: Route) -> None:
        await route.fulfill(json={"data": [older], "next": None})

    await page.route("**/api/predictions?*", late)
    body = f"retry: 100000\n\nevent: hello\ndata: {{}}\n\nid: 1\nevent: prediction\ndata: {told}\n\n"
    await page.route("**/api/live", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    await open_list(page)
    await expect(card(page, "told by the stream").locator("img.here")).to_be_visible()
    await expect(card(page, "told by the stream").locator(".shot-state")).to_contain_text("Done")


async def test_a_service_that_goes_away_comes_back_by_itself(house: House, page: Page, context: BrowserContext) -> None:
    await house.final((await house.create("before")).json()["id"])
    await open_list(page)
    await expect(page.locator(".shot")).to_have_count(1)
    await context.set_offline(True)
    await expect(page.locator("dr-list .list-mark")).to_contain_text("Away, trying again")
    await expect(page.locator(".shot")).to_have_count(1)
    await house.create("meanwhile")
    await context.set_offline(False)
    await expect(page.locator(".shot")).to_have_count(2)
    await expect(page.locator("dr-list .list-mark")).not_to_contain_text("Away")


async def test_filters_search_and_keys(house: House, page: Page) -> None:
    await house.faults(fail=1)
    await house.final((await house.create("a grey heron")).json()["id"])
    await house.faults()
    for prompt in ("a red fox", "a blue fox"):
        await house.final((await house.create(prompt)).json()["id"])
    await open_list(page)
    await expect(page.locator(".shot")).to_have_count(3)
    await page.get_by_label("By state").select_option("failed")
    await expect(page.locator(".shot")).to_have_count(1)
    await expect(page.locator(".shot")).to_contain_text("a grey heron")
    await page.get_by_label("By model").select_option("flux-pro")
    await expect(page.get_by_text("Nothing matches")).to_be_visible()
    await page.get_by_role("button", name="Show all").click()
    await page.get_by_label("Search the prompts below").fill("BLUE")
    await expect(page.locator(".shot")).to_have_count(1)
    await page.get_by_label("Search the prompts below").fill("")
    await page.locator(".shot").first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(card(page, "a red fox")).to_be_focused()
    await page.keyboard.press("End")
    await expect(card(page, "a grey heron")).to_be_focused()
    await page.keyboard.press("Delete")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.locator(".shot")).to_have_count(2)


async def test_a_service_without_a_gallery_is_not_asked_twice(house: House, page: Page) -> None:
    await house.final((await house.create()).json()["id"])
    await page.route("**/publish", lambda route: route.fulfill(status=405))
    await open_list(page)
    await choose(page, "a red fox", "publish")
    await expect(page.locator(".toast")).to_contain_text("no gallery")
    await card(page, "a red fox").locator('[data-act="menu"]').click()
    await expect(page.locator('.shot-menu [data-act="publish"]')).to_have_count(0)


async def test_the_receipt_opens_by_its_address_and_is_exported(house: House, page: Page) -> None:
    final = await house.final((await house.create()).json()["id"])
    await page.goto(f"/#/p/{final['id']}")
    drawer = page.locator("dialog.drawer")
    await expect(drawer.locator("h2")).to_have_text("a red fox")
    await expect(drawer.locator(".receipt-told")).to_contain_text("signature verified")
    await expect(drawer.locator(".receipt-told")).to_contain_text("Output 1 fetched and stored")
    await expect(drawer.locator(".receipt-told")).to_contain_text("$0.03 paid")
    assert await drawer.locator(".life-bar").count() >= 4
    async with page.expect_download() as started:
        await drawer.locator('[data-act="export"]').click()
    saved = (await (await started.value).path()).read_text()
    assert final["id"] in saved
    assert '"client_token"' not in saved
    assert '"ct_' not in saved
    await drawer.locator("summary").first.click()
    await expect(drawer.locator("details pre").first).to_contain_text('"prompt": "a red fox"')
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(drawer).not_to_be_visible()
    await expect(page).to_have_url(re.compile(r"#/$"))


async def test_the_receipt_is_live_until_the_end(house: House, page: Page) -> None:
    await house.faults(never_finish=1)
    await house.create()
    await open_list(page)
    await page.locator(".shot").focus()
    await page.keyboard.press("Enter")
    drawer = page.locator("dialog.drawer")
    await expect(drawer.locator(".receipt-told")).to_contain_text("The provider works on it")
    await house.faults()
    await expect(drawer.locator(".receipt-told")).to_contain_text("Done: every output is stored")
    await expect(drawer.locator(".receipt-told")).to_contain_text("paid")
    await page.go_back()
    await expect(drawer).not_to_be_visible()


async def test_a_receipt_of_nobody_says_so(house: House, page: Page) -> None:
    await page.goto("/#/p/01a1ff3a-caeb-7a51-b032-3176a79fd264")
    await expect(page.locator("dialog.drawer")).to_contain_text("There is no such prediction")


async def test_a_thumbhash_is_decoded_to_the_colours_it_was_made_of(page: Page) -> None:
    """By the published algorithm, as the service's own encoder is."""
    red, blue = bytes((200, 40, 30, 255)), bytes((30, 60, 210, 255))
    hashed = base64.b64encode(thumbhash(80, 40, (red * 40 + blue * 40) * 40)).decode()
    await page.goto("/")
    found = await page.evaluate(
        """async (hashed) => {
          const {decoded} = await import("/studio/list/thumbhash.js");
          const {width, height, rgba} = decoded(Uint8Array.from(atob(hashed), (letter) => letter.charCodeAt(0)));
          const pixel = (x, y) => Array.from(rgba.slice((y * width + x) * 4, (y * width + x) * 4 + 4));
          return {width, height, left: pixel(4, 8), right: pixel(width - 5, 8)};
        }""",
        hashed,
    )
    assert (found["width"], found["height"]) == (32, pytest.approx(16, abs=3))
    assert found["left"] == pytest.approx(list(red), abs=60)
    assert found["right"] == pytest.approx(list(blue), abs=60)


async def test_nothing_moves_while_it_first_comes(house: House, page: Page) -> None:
    for prompt in ("one fox", "two foxes", "three foxes"):
        await house.final((await house.create(prompt)).json()["id"])
    await page.add_init_script(
        "window.moved = 0;"
        "new PerformanceObserver((list) => { for (const e of list.getEntries()) window.moved += e.value; })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    await open_list(page)
    await expect(page.locator(".shot img.here")).to_have_count(3)
    assert await page.evaluate("window.moved") < 0.02


MANY = """
WITH made AS (
  INSERT INTO predictions (id, owner, provider, model, input, metadata, callback_token, client_token, status, stage,
    version, created_at, updated_at, completed_at, price, captured)
  SELECT format('01a1ff00-%s-7000-8000-%s', lpad(to_hex(n), 4, '0'), lpad(to_hex(n), 12, '0'))::uuid, 'development',
    'skytells', 'truefusion-pro', jsonb_build_object('prompt', 'fox number ' || n), '{}', 'cb' || n, 'ct' || n,
    'succeeded', 'done', 9, now() - interval '1 day', now() - interval '1 day', now() - interval '1 day', 0.03, 0.03
  FROM generate_series(1, 1000) n RETURNING id, input)
INSERT INTO files (prediction_id, position, source_url, state, key, content_type, bytes, sha256, width, height,
  thumb_key, thumb_bytes, thumb_sha256, thumbhash)
SELECT id, 0, '', 'stored', 'k' || id || '.png', 'image/png', 4359, repeat('a', 64), 1024, 1024,
  't' || id || '-thumb.webp', 99, repeat('a', 64), 'yyYODwJjp3ewiYVsdVqYl3d39rGT0MMH' FROM made
"""


async def test_a_thousand_scroll_with_few_in_the_document(
    house: House, page: Page, record_property: Callable[[str, object], None]
) -> None:
    await house.rows(MANY)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>'
    await page.route("**/files/*", lambda route: route.fulfill(content_type="image/svg+xml", body=svg))
    await page.add_init_script(
        "window.long = [];"
        "new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration)))"
        ".observe({type: 'longtask'})"
    )
    await open_list(page)
    most = await page.evaluate("""async () => {
      const list = document.querySelector("dr-list");
      const isOver = () => list.querySelector(".list-end").textContent.includes("That is all")
        && scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
      let most = 0;
      for (let frames = 0; frames < 2000 && !isOver(); frames++) {
        scrollBy(0, 700);
        await new Promise(requestAnimationFrame);
        most = Math.max(most, list.querySelectorAll("*").length);
      }
      return most;
    }""")
    await expect(page.locator(".list-end")).to_contain_text("That is all: 1,000.")
    await expect(card(page, "fox number 1").last).to_be_visible()
    record_property("most nodes", most)
    record_property("long tasks", await page.evaluate("window.long"))
    assert most < MOST_NODES


@pytest.fixture
async def page_of_200(house: House, page: Page) -> Page:
    await house.rows(MANY.replace("1, 1000", "1, 200"))
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64"/></svg>'
    await page.route("**/files/*", lambda route: route.fulfill(content_type="image/svg+xml", body=svg))
    await open_list(page)
    return page


async def test_who_jumps_to_the_end_gets_all_the_same(page_of_200: Page) -> None:
    page = page_of_200
    await page.evaluate("""async () => {
      const isOver = () => document.querySelector(".list-end").textContent.includes("That is all");
      for (let frames = 0; frames < 3000 && !isOver(); frames++) {
        scrollTo(0, document.documentElement.scrollHeight);
        await new Promise(requestAnimationFrame);
      }
    }""")
    await expect(page.locator(".list-end")).to_contain_text("That is all: 200.")


async def test_scrolling_touches_what_comes_and_goes_and_nothing_else(page_of_200: Page) -> None:
    """Twenty frames bring two rows, ten cards. Were all in sight written anew, it would be thousands of changes."""
    changes = await page_of_200.evaluate("""async () => {
      let changes = 0;
      const seen = new MutationObserver((all) => { changes += all.length; });
      seen.observe(document.querySelector(".shots"), {subtree: true, childList: true, attributes: true});
      for (let frames = 0; frames < 20; frames++) {
        scrollBy(0, 40);
        await new Promise(requestAnimationFrame);
      }
      seen.disconnect();
      return changes;
    }""")
    assert changes < 300


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_it_is_for_everybody(house: House, page: Page, size: dict[str, int], scheme: str) -> None:
    name = f"{'wide' if size is WIDE else 'narrow'}-{scheme}"
    await house.dialect(art="poster")
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    await page.set_viewport_size({"width": size["width"], "height": 1_000 if size is WIDE else 3_000})
    await open_list(page)
    await expect(page.get_by_text("Nothing here yet")).to_be_visible()
    await _judged(page, f"list-empty-{name}")
    await _mixed(house)
    await expect(page.locator('.shot[data-status="succeeded"] img.here').first).to_be_visible()
    await expect(page.locator('.shot[data-stage="running"]').first).to_be_visible()
    await _judged(page, f"list-mixed-{name}")
    await page.locator('.shot[data-status="succeeded"] [data-act="menu"]').first.click()
    await _judged(page, f"list-menu-{name}")
    await page.keyboard.press("Escape")
    await page.locator('.shot[data-status="succeeded"] [data-act="receipt"]').first.click()
    await expect(page.locator(".drawer .receipt-told li").first).to_be_visible()
    await page.locator("dialog.drawer").screenshot(path=SCREENSHOTS / f"drawer-{name}.png")
    assert await violations(page) == []


async def _mixed(house: House) -> None:
    for prompt in ("a lighthouse in the fog, long exposure, film grain", "a red fox"):
        await house.final((await house.create(prompt)).json()["id"])
    four = {"model": "truefusion-pro", "input": {"prompt": "four foxes on a hill", "num_outputs": 4}}
    answer = await house.client.post("/api/predictions", json=four)
    if answer.status_code == 201:
        await house.final(answer.json()["id"])
    await house.faults(fail=1)
    await house.final((await house.create("a fox that fails")).json()["id"])
    await house.faults(cdn_500={"share": 1, "times": 6})
    fetched = (await house.create("a fox that is still being fetched")).json()["id"]
    await _at_stage(house, fetched, "storing")
    await house.faults(never_finish=1, cdn_500={"share": 1, "times": 6})
    await house.create("a fox in the making")


async def _at_stage(house: House, prediction_id: str, stage: str) -> None:
    async def there() -> bool:
        return bool((await house.client.get(f"/api/predictions/{prediction_id}")).json()["stage"] == stage)

    await eventually_async(there)


async def _judged(page: Page, name: str) -> None:
    await photograph(page, name)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
