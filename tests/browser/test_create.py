"""The create view: a form from the model's schema, the price before the run, pictures, masks, batches and code."""

import asyncio
import json
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from app.settings import Settings
from tests.browser.conftest import NARROW, WIDE, photograph, violations
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.storage.pictures import encoded, opened, picture
from tests.web.steps import key_for

DROP = """([target, encoded, name, type]) => {
  const bytes = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, {type}));
  const happened = (kind) => new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
  return ["dragover", "drop"].map((kind) => !target.dispatchEvent(happened(kind)));
}"""
PASTE = """([encoded, type]) => {
  const bytes = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], "pasted.png", {type}));
  document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
}"""
PIXELS = """async (image) => {
  await image.decode();
  const sides = {width: image.naturalWidth, height: image.naturalHeight};
  const canvas = Object.assign(document.createElement("canvas"), sides);
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/png").split(",")[1];
}"""
LISTEN = """() => {
  window.told = [];
  const keep = ({type, detail}) => window.told.push([type, detail.key, detail.prediction?.id, detail.count]);
  for (const each of ["dr-creating", "dr-created", "dr-create-failed"]) document.addEventListener(each, keep);
}"""
SEEN_PRICES = """() => {
  window.prices = [];
  const button = document.querySelector("button.run");
  const note = () => window.prices.push(button.textContent);
  new MutationObserver(note).observe(button, {childList: true, characterData: true, subtree: true});
}"""
JUMPS = """
  window.jumps = 0;
  const add = (list) => { for (const each of list.getEntries()) window.jumps += each.value; };
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
"""
HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe " + "a" * 3000


async def ready(page: Page, model: str | None = None) -> None:
    await page.goto("/")
    await expect(page.locator(".composer footer")).to_be_visible()
    if model is not None:
        await choose(page, model)


async def choose(page: Page, model: str) -> None:
    await page.get_by_role("button", name="Model:").click()
    await page.get_by_role("combobox", name="Search models").fill(model)
    await page.locator(".model-dialog").get_by_role("option", name=model).first.click()
    await expect(page.get_by_role("button", name=f"Model: {model}")).to_be_visible()


def prompt(page: Page) -> Any:
    return page.locator(".field.main textarea")


def run(page: Page) -> Any:
    return page.locator("button.run")


async def orders(house: House, count: int = 1, key: str = "") -> list[dict[str, Any]]:
    """What was created, oldest first, once there are as many."""

    async def are_there() -> bool:
        return len(await _listed(house, key)) >= count

    await eventually_async(are_there)
    found = await _listed(house, key)
    assert len(found) == count
    return found[::-1]


async def _listed(house: House, key: str = "") -> list[dict[str, Any]]:
    headers = {"x-api-key": key} if key else {}
    return list((await house.client.get("/api/predictions?limit=100", headers=headers)).json()["data"])


async def drop(page: Page, field: str, content: bytes, name: str = "fox.png", kind: str = "image/png") -> None:
    target = await page.locator(f'[data-field="{field}"] .tile').element_handle()
    await page.evaluate(DROP, [target, b64encode(content).decode(), name, kind])


async def test_a_prompt_is_enough(page: Page, house: House) -> None:
    await ready(page)
    await prompt(page).fill("a red fox")
    await run(page).click()
    await expect(page.locator(".note")).to_contain_text("On its way")
    (only,) = await orders(house)
    assert (only["model"], only["input"]) == ("truefusion-pro", {"prompt": "a red fox"})


async def test_each_kind_of_field_is_sent_as_its_kind(page: Page, house: House) -> None:
    await ready(page)
    await prompt(page).fill("a fox")
    await page.locator(".composer").get_by_label("Width").fill("768")
    await page.locator(".composer").get_by_label("Aspect ratio").select_option(label="16:9")
    await page.locator(".composer summary").click()
    await page.locator(".composer").get_by_label("Guidance").fill("4.5")
    await page.get_by_role("button", name="Roll a seed").click()
    await run(page).click()
    (only,) = await orders(house)
    assert isinstance(only["input"].pop("seed"), int)
    assert only["input"] == {"prompt": "a fox", "width": 768, "aspect_ratio": "16:9", "guidance": 4.5}


async def test_the_price_stands_on_the_button_before_the_run(page: Page) -> None:
    await ready(page)
    await expect(run(page)).to_have_text(re.compile(r"Run for (about )?\$0\.03"))
    await prompt(page).fill("a fox")
    await page.locator(".composer").get_by_label("Outputs").fill("3")
    await expect(run(page)).to_have_text(re.compile(r"Run for (about )?\$0\.09"))


async def test_no_price_is_shown_that_is_another_models(page: Page) -> None:
    await ready(page)
    await expect(run(page)).to_contain_text("$0.03")
    await page.evaluate(SEEN_PRICES)
    await choose(page, "truefusion-video")
    await expect(run(page)).to_contain_text("$0.80")
    assert [each for each in await page.evaluate("window.prices") if "0.03" in each] == []


async def test_a_quote_is_the_price_and_says_whether_it_fits(page: Page) -> None:
    asked: list[dict[str, Any]] = []

    async def quote(route: Any) -> None:
        asked.append(route.request.post_data_json)
        told = {"price": "0.045000", "budget_remaining": "0.04", "fits": False, "adjusted": []}
        await route.fulfill(json={"currency": "USD", "provider": "skytells", "model": "m", "input": {}, **told})

    await page.route("**/api/quote", quote)
    await ready(page)
    await expect(run(page)).to_have_text("Run for $0.045")
    await expect(page.locator(".note")).to_have_text("$0.04 left today: too little for this run")
    assert asked[0] == {"provider": "skytells", "model": "truefusion-pro", "input": {"prompt": "a picture"}}


async def test_what_a_quote_refuses_is_told_while_typing(page: Page) -> None:
    problem = {
        "status": 422,
        "code": "invalid_request",
        "errors": [
            {"field": "input.width", "message": "must be at least 256"},
            {"field": "input.prompt", "message": "is required"},
        ],
    }
    await page.route("**/api/quote", lambda route: route.fulfill(status=422, json=problem))
    await ready(page)
    await page.locator(".composer").get_by_label("Width").fill("7")
    await expect(page.locator('[data-field="width"] .problem')).to_have_text("This must be at least 256.")
    await expect(page.locator('[data-field="prompt"] .problem')).to_be_hidden()


async def test_several_pictures_go_as_a_list(page: Page, house: House) -> None:
    models = (await house.client.get("/api/models")).json()
    [model] = [each for each in models["data"] if each["model"] == "truefusion-2.0"]
    pictures = {"type": "array", "items": {"type": "string"}, "maxItems": 3}
    model["input_schema"] = {
        "properties": {"prompt": {"type": "string"}, "image_urls": pictures},
        "required": ["prompt"],
    }
    await page.route("**/api/models", lambda route: route.fulfill(json=models))
    sent: list[Any] = []

    async def refuse(route: Any) -> None:
        sent.append(route.request.post_data_json)
        await route.fulfill(status=422, json={"code": "invalid_request", "detail": "Not today."})

    await page.route(
        "**/api/predictions", lambda route: refuse(route) if route.request.method == "POST" else route.continue_()
    )
    await ready(page, "truefusion-2.0")
    tiles = page.locator(".several .tile")
    for number, side in enumerate((40, 50, 60)):
        await (
            tiles.nth(number)
            .locator("xpath=following-sibling::input[@type='file']")
            .set_input_files(
                {"name": f"{side}.png", "mimeType": "image/png", "buffer": encoded("PNG", picture((side, side)))}
            )
        )
        await expect(page.locator(".several .facts").nth(number)).to_contain_text(f"{side} × {side} ·")
    await expect(tiles).to_have_count(3)
    await page.get_by_role("button", name="Image urls 2: remove").click()
    await expect(page.locator(".several .tile.full")).to_have_count(2)
    await expect(tiles).to_have_count(3)
    assert await violations(page) == []
    await prompt(page).fill("both")
    await run(page).click()
    await expect(page.locator(".problem.whole")).to_contain_text("Not today.")
    assert len(sent[0]["input"]["image_urls"]) == 2
    assert all(each.startswith("file_") for each in sent[0]["input"]["image_urls"])


async def test_what_is_refused_stands_at_its_field_and_has_the_focus(page: Page, house: House) -> None:
    await ready(page)
    await prompt(page).fill("a fox")
    await page.locator(".composer summary").click()
    await page.locator(".composer").get_by_label("Guidance").fill("99")
    await page.locator(".composer summary").click()
    await page.locator(".composer").get_by_label("Width").fill("7")
    await run(page).click()
    await expect(page.locator(".composer").get_by_label("Width")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(".composer").get_by_label("Width")).to_be_focused()
    await expect(page.locator('[data-field="guidance"] .problem')).to_be_visible()
    await photograph(page, "create-problems-wide-light")
    await page.locator(".composer").get_by_label("Width").fill("512")
    await expect(page.locator('[data-field="width"] .problem')).to_be_hidden()
    assert await _listed(house) == []


async def test_an_empty_prompt_is_told_where_it_is_missing(page: Page) -> None:
    await ready(page)
    await run(page).click()
    await expect(page.locator('[data-field="prompt"] .problem')).to_be_visible()
    await expect(prompt(page)).to_be_focused()
    assert await violations(page) == []


async def test_a_picture_is_dropped_masked_and_sent(page: Page, house: House) -> None:
    await ready(page, "truefusion-2.0")
    await prompt(page).fill("a red door")
    await drop(page, "image", encoded("PNG", picture((320, 200))))
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("320 × 200")
    await page.get_by_role("button", name="Brush a mask").click()
    canvas = page.locator(".brush-dialog canvas")
    box = await canvas.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5, steps=8)
    await page.mouse.up()
    assert await violations(page) == []
    await photograph(page, "create-brush-wide-light")
    await page.get_by_role("button", name="Use mask").click()
    await expect(page.locator('[data-field="mask"] .facts')).to_contain_text("320 × 200")
    await photograph(page, "create-pictures-wide-light")
    await run(page).click()
    (only,) = await orders(house)
    assert only["input"]["image"].startswith("file_")
    assert only["input"]["mask"].startswith("file_")
    assert only["input"]["image"] != only["input"]["mask"]


async def test_the_mask_is_white_where_it_was_brushed_by_keys(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    await drop(page, "image", encoded("PNG", picture((300, 200))))
    await page.get_by_role("button", name="Brush a mask").click()
    canvas = page.locator(".brush-dialog canvas")
    await expect(canvas).to_be_focused()
    await canvas.press("ArrowLeft")
    await canvas.press(" ")
    await canvas.press(" ")
    await canvas.press("Control+z")
    await page.get_by_role("button", name="Use mask").press("Enter")
    await expect(page.locator('[data-field="mask"] .facts')).to_contain_text("300 × 200")
    content = b64decode(await page.locator('[data-field="mask"] img').evaluate(PIXELS))
    mask = opened(content).convert("L")
    assert mask.size == (300, 200)
    assert mask.getpixel((140, 100)) == 255
    assert mask.getpixel((5, 5)) == 0


async def test_another_picture_takes_its_mask_away(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    await drop(page, "image", encoded("PNG", picture((300, 200))))
    await drop(page, "mask", encoded("PNG", picture((300, 200), "L")))
    await expect(page.locator('[data-field="mask"] .facts')).to_contain_text("300 × 200")
    await drop(page, "image", encoded("PNG", picture((100, 100))))
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("100 × 100")
    await expect(page.locator('[data-field="mask"] img')).to_have_count(0)


async def test_a_picture_is_pasted_and_removed(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    await page.evaluate(PASTE, [b64encode(encoded("PNG")).decode(), "image/png"])
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("pasted.png")
    await page.get_by_role("button", name="Image: remove").click()
    await expect(page.locator('[data-field="image"] img')).to_have_count(0)


async def test_a_file_that_misses_its_tile_neither_leaves_the_page_nor_is_lost(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    target = await page.locator(".composer h1").element_handle()
    await page.evaluate(DROP, [target, b64encode(encoded("PNG")).decode(), "fox.png", "image/png"])
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("40 × 24")
    await choose(page, "truefusion-pro")
    target = await page.locator(".composer h1").element_handle()
    prevented = await page.evaluate(DROP, [target, b64encode(encoded("PNG")).decode(), "fox.png", "image/png"])
    assert prevented == [True, True]


async def test_who_is_signed_out_is_told_and_comes_back(page: Page) -> None:
    await page.route("**/api/models", lambda route: route.fulfill(status=401, json={"code": "unauthenticated"}))
    await page.goto("/")
    await expect(page.get_by_text("Sign in to see the models")).to_be_visible()
    await page.unroute("**/api/models")
    await page.evaluate("document.dispatchEvent(new CustomEvent('dr-signed-in'))")
    await expect(page.locator(".composer footer")).to_be_visible()


async def test_a_missing_picture_does_not_hide_the_price(page: Page) -> None:
    problem = {"status": 422, "code": "invalid_request", "errors": [{"field": "input.image", "message": "is required"}]}
    await page.route("**/api/quote", lambda route: route.fulfill(status=422, json=problem))
    await ready(page, "truefusion-2.0")
    await expect(run(page)).to_have_text("Run for about $0.04")
    await expect(page.locator('[data-field="image"] .problem')).to_be_hidden()


async def test_what_is_no_picture_is_refused_in_plain_words(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    problem = page.locator('[data-field="image"] .problem')
    await drop(page, "image", b"hello", "notes.txt", "text/plain")
    await expect(problem).to_contain_text("notes.txt is not a picture")
    await drop(page, "image", b"hello", "broken.png", "image/png")
    await expect(problem).not_to_contain_text("notes.txt")
    await expect(problem).to_be_visible()


async def test_what_was_typed_stays_when_the_model_changes(page: Page) -> None:
    await ready(page, "truefusion-2.0")
    await prompt(page).fill("a fox")
    await drop(page, "image", encoded("PNG"))
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("40 × 24")
    await choose(page, "FLUX.2-pro")
    await expect(prompt(page)).to_have_value("a fox")
    await expect(page.locator('[data-field="image"] .facts')).to_contain_text("40 × 24")
    await page.reload()
    await expect(page.get_by_role("button", name="Model: FLUX.2-pro")).to_be_visible()
    await expect(prompt(page)).to_have_value("a fox")


async def test_lines_are_a_batch(page: Page, house: House) -> None:
    await ready(page)
    await page.locator(".composer").get_by_label("One prompt a line").check()
    await prompt(page).fill("a fox\n\n  a hare \na badger\n")
    await expect(run(page)).to_have_text(re.compile(r"Run 3 prompts for (about )?\$0\.09"))
    await photograph(page, "create-batch-wide-light")
    await run(page).click()
    made = await orders(house, 3)
    assert [each["input"]["prompt"] for each in made] == ["a fox", "a hare", "a badger"]
    assert len({each["batch_id"] for each in made}) == 1


async def test_more_than_a_hundred_lines_are_told_before_they_are_sent(page: Page, house: House) -> None:
    await ready(page)
    await page.locator(".composer").get_by_label("One prompt a line").check()
    await prompt(page).fill("\n".join(f"fox {each}" for each in range(101)))
    await run(page).click()
    await expect(page.locator('[data-field="prompt"] .problem')).to_contain_text("100 is the most")
    assert await _listed(house) == []


async def test_an_example_fills_the_prompt(page: Page) -> None:
    await ready(page)
    await page.get_by_role("button", name="A fox in snow").click()
    await expect(prompt(page)).to_have_value(re.compile("A red fox asleep"))
    await expect(prompt(page)).to_be_focused()


async def test_without_a_mouse(page: Page, house: House) -> None:
    await ready(page)
    await page.keyboard.press("/")
    await page.keyboard.type("a fox/hare")
    await page.keyboard.press("Control+Enter")
    (only,) = await orders(house)
    assert only["input"] == {"prompt": "a fox/hare"}
    await page.get_by_role("button", name="Model:").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("flux")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Model: FLUX.2-pro")).to_be_visible()
    await page.get_by_role("button", name="Model:").press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Model:")).to_be_focused()


async def test_two_presses_buy_once(page: Page, house: House) -> None:
    await ready(page)
    await prompt(page).fill("a fox")
    await run(page).dblclick()
    await expect(page.locator(".note")).to_contain_text("On its way")
    assert len(await orders(house)) == 1


async def test_silence_is_told_and_the_second_try_is_not_a_second_purchase(page: Page, house: House) -> None:
    await ready(page)
    await prompt(page).fill("a fox")
    keys: list[str] = []

    async def swallow(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        await route.fetch()  # heard, but the answer is lost
        await route.abort()

    await page.route("**/api/predictions", swallow)
    await run(page).click()
    await expect(page.locator(".problem.whole").get_by_text("it will not be bought twice")).to_be_visible()
    await expect(prompt(page)).to_have_value("a fox")
    await page.unroute("**/api/predictions")
    await run(page).click()
    await expect(page.locator(".note")).to_contain_text("On its way")
    assert len(await orders(house)) == 1
    assert len(set(keys)) == 1


async def test_a_service_that_is_away_is_waited_for(page: Page) -> None:
    await page.route("**/api/models", lambda route: route.abort())
    await page.goto("/")
    await expect(page.locator(".composer .trouble")).to_be_visible()
    await prompt(page).fill("typed meanwhile")
    await photograph(page, "create-away-wide-light")
    await page.unroute("**/api/models")
    await expect(page.locator(".composer footer")).to_be_visible()
    await expect(prompt(page)).to_have_value("typed meanwhile")
    await expect(page.locator(".composer .trouble")).to_be_hidden()


async def test_the_page_is_told_of_what_it_makes(page: Page) -> None:
    await ready(page)
    await page.evaluate(LISTEN)
    await prompt(page).fill("a fox")
    await run(page).click()
    await expect(page.locator(".note")).to_contain_text("On its way")
    creating, created = await page.evaluate("window.told")
    assert (creating[0], creating[3]) == ("dr-creating", 1)
    assert created[0] == "dr-created"
    assert created[1] == creating[1]
    assert created[2] is not None


async def test_an_earlier_prediction_fills_the_form(page: Page) -> None:
    await ready(page)
    again = {"provider": "skytells", "model": "truefusion-2.0", "input": {"prompt": "a hare", "seed": 7, "width": 512}}
    await page.evaluate(
        "(prediction) => document.dispatchEvent(new CustomEvent('dr-again', {detail: {prediction}}))", again
    )
    await expect(prompt(page)).to_have_value("a hare")
    await expect(page.get_by_label("Seed", exact=True)).to_have_value("7")
    await expect(page.locator(".composer").get_by_label("Width")).to_have_value("512")


async def test_hostile_texts_stay_texts(page: Page, house: House) -> None:
    wrong = list[str]()

    async def refuse(dialog: Dialog) -> None:
        wrong.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", refuse)
    model = {
        "provider": "p" * 200, "model": HOSTILE, "kind": "image", "description": HOSTILE, "operations": ["generate"],
        "price": None, "example_cost": None, "usual_seconds": None, "offline": False,
        "input_schema": {"properties": {"prompt": {"type": "string", "description": HOSTILE},
                                        "pick": {"enum": [HOSTILE, 1, None]}, HOSTILE[:40]: {"type": "boolean"},
                                        "any": {"type": "object"}, "ref": {"$ref": "#/nowhere/at/all"}}},
    }  # fmt: skip
    usual = {"provider": model["provider"], "model": HOSTILE}
    body = json.dumps({"data": [model], "default": usual, "unavailable": []})
    await page.route("**/api/models", lambda route: route.fulfill(body=body, content_type="application/json"))
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await ready(page)
    await page.locator(".composer summary").click()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Model:").click()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wrong == []
    assert await violations(page) == []


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
@pytest.mark.parametrize("is_batch", [False, True], ids=["one", "batch"])
async def test_copied_code_runs_and_orders_the_same(page: Page, house: House, language: str, is_batch: bool) -> None:
    await ready(page)
    text = 'it\'s "$HOME" `id` \\n 狐 \u202e fox 🦊'
    await page.locator(".composer").get_by_label("Outputs").fill("2")
    if is_batch:
        await page.locator(".composer").get_by_label("One prompt a line").check()
        text += "\nJSON"
    await prompt(page).fill(text)
    await page.get_by_role("button", name="Copy as code").click()
    await page.get_by_role("tab", name=language).click()
    code = str(await page.locator("#code-text").text_content())
    assert "\u202e" not in code
    key = "" if is_batch else await key_for(house)
    await execute(language, code, {"DARKROOM_KEY": key})
    await page.locator(".code-dialog").get_by_role("button", name="Close").click()
    copied = [each["input"] for each in await orders(house, 2 if is_batch else 1, key)]
    assert copied == [{"prompt": line, "num_outputs": 2} for line in text.split("\n")]


async def execute(language: str, code: str, environment: Mapping[str, str]) -> None:
    commands = {
        "curl": ("bash", "-euc", code),
        "Python": (sys.executable, "-c", code),
        "JavaScript": ("node", "--input-type=module", "-e", code),
    }
    started = await asyncio.create_subprocess_exec(
        *commands[language],
        env={"PATH": "/usr/bin:/bin", "HOME": "/root", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 0, complained.decode()
    assert said.strip(), complained.decode()


async def test_the_code_is_copied_with_a_word(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ready(page)
    await prompt(page).fill("a fox")
    await page.get_by_role("button", name="Copy as code").click()
    assert await violations(page) == []
    await photograph(page, "create-code-wide-light")
    await page.locator(".code-dialog").get_by_role("button", name="Copy", exact=True).click()
    await expect(page.locator(".code-dialog").get_by_role("button", name="Copied")).to_be_visible()
    assert "$DARKROOM_KEY" in await page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width"), [(WIDE, "wide"), (NARROW, "narrow")], ids=["wide", "narrow"])
async def test_it_is_for_everybody(page: Page, size: dict[str, int], width: str, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await ready(page)
    await expect(run(page)).to_contain_text("$0.03")
    await photograph(page, f"create-{width}-{scheme}")
    assert await violations(page) == []
    await choose(page, "truefusion-2.0")
    await page.locator(".composer summary").click()
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await photograph(page, f"create-more-{width}-{scheme}")
    await page.get_by_role("button", name="Model:").click()
    assert await violations(page) == []
    await photograph(page, f"create-models-{width}-{scheme}")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_nothing_jumps_while_it_loads(page: Page, size: dict[str, int]) -> None:
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    await page.add_init_script(JUMPS)
    await ready(page)
    await expect(run(page)).to_contain_text("$0.03")
    assert await page.evaluate("window.jumps") < 0.02


async def test_the_first_model_is_the_service_s_default(
    settings: Settings, fresh_emulator: RunningEmulator, browser: Browser
) -> None:
    other = settings.model_copy(update={"default_model": "flux-pro"})
    async with open_house(other, fresh_emulator, with_worker=False) as house:
        context = await browser.new_context(base_url=str(house.client.base_url))
        page = await context.new_page()
        await page.goto("/")
        await expect(page.locator("button.model b")).to_have_text("flux-pro")
        await context.close()
