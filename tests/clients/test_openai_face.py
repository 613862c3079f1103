"""PyPI `openai` 3.54.0, as it is published, against our own face of OpenAI's Images API."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from io import BytesIO
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from PIL import Image

from app.domain.caller import Scope
from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, eventually_async, open_house
from tests.storage.pictures import encoded
from tests.web.steps import key_for

PNG = b"\x89PNG"
DEPRECATED_THERE = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
REFUSED = "a lolicon drawing, my own words"


@asynccontextmanager
async def client_of(house: House, key: str | None = None, **options: Any) -> AsyncIterator[AsyncOpenAI]:
    known = key or (await key_for(house, "development"))
    http = DefaultAsyncHttpxClient(trust_env=False)
    base = f"{house.client.base_url}/openai/v1"
    async with AsyncOpenAI(api_key=known, base_url=base, http_client=http, **options) as opened:
        yield opened


@pytest.fixture
async def client(house: House) -> AsyncIterator[AsyncOpenAI]:
    async with client_of(house) as opened:
        yield opened


@pytest.fixture
async def shop(refusing: House) -> AsyncIterator[AsyncOpenAI]:
    """Where nothing is bought."""
    async with client_of(refusing) as opened:
        yield opened


async def bought(house: House) -> int:
    return len(await house.rows("SELECT 1 FROM predictions"))


async def test_a_picture_is_told_by_address_and_in_letters(house: House, client: AsyncOpenAI) -> None:
    made = await client.images.generate(prompt="a red fox")
    assert made.data is not None
    (picture,) = made.data
    stored = (await house.client.get(str(picture.url))).content
    assert base64.b64decode(str(picture.b64_json)) == stored
    assert stored.startswith(PNG)
    width, height = Image.open(BytesIO(stored)).size
    assert (made.size, made.output_format, made.usage) == (f"{width}x{height}", "png", None)
    (row,) = await house.rows("SELECT id, face, model FROM predictions")
    assert (row["face"], row["model"]) == ("openai", "truefusion-pro")
    assert (made.model_extra or {})["prediction_id"] == str(row["id"])


@pytest.mark.parametrize(("form", "shown"), [("url", (True, False)), ("b64_json", (False, True))])
async def test_who_asks_for_one_form_gets_that_alone(client: AsyncOpenAI, form: Any, shown: Any) -> None:
    made = await client.images.generate(prompt="a red fox", model="truefusion-pro", response_format=form)
    assert made.data is not None
    assert (made.data[0].url is not None, made.data[0].b64_json is not None) == shown


async def test_number_size_and_words_of_the_model(house: House, client: AsyncOpenAI) -> None:
    made = await client.images.generate(
        prompt="auto",
        model="skytells/truefusion-pro",
        n=2,
        size="768x512",
        quality="auto",
        moderation="auto",
        user="ann-17",
        extra_body={"seed": 7, "negative_prompt": "a hat"},
    )
    assert len(made.data or []) == 2
    assert made.size == "768x512"
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    assert prediction["input"] == {
        "prompt": "auto",
        "num_outputs": 2,
        "width": 768,
        "height": 512,
        "seed": 7,
        "negative_prompt": "a hat",
    }
    assert prediction["metadata"] == {"user": "ann-17"}


async def test_a_size_goes_to_a_model_of_ratios_as_a_ratio(house: House, client: AsyncOpenAI) -> None:
    made = await client.images.generate(prompt="a red fox", model="truefusion", size="1536x1024", n=2)
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    assert prediction["input"] == {"prompt": "a red fox", "aspect_ratio": "3:2", "number_of_images": 2}


async def test_a_stream_ends_in_the_whole_pictures(house: House, client: AsyncOpenAI) -> None:
    stream = await client.images.generate(prompt="a red fox", n=2, stream=True, partial_images=2)
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_generation.completed"] * 2
    stored = (await house.final((events[0].model_extra or {})["prediction_id"]))["files"]
    for event, file in zip(events, stored, strict=True):
        assert hashlib.sha256(base64.b64decode(event.b64_json)).hexdigest() == file["sha256"]
        assert (event.output_format, event.size) == ("png", f"{file['width']}x{file['height']}")


async def test_models(shop: AsyncOpenAI) -> None:
    listed = [each async for each in await shop.models.list()]
    assert "truefusion-pro" in [each.id for each in listed]
    one = await shop.models.retrieve("skytells/truefusion-pro")
    assert (one.id, one.object, one.owned_by) == ("truefusion-pro", "model", "skytells")
    with pytest.raises(openai.NotFoundError) as unknown:
        await shop.models.retrieve("gpt-image-2")
    assert unknown.value.code == "model_not_found"


@pytest.mark.parametrize("name", ["dall-e-3", "gpt-image-2", "nobody/truefusion-pro"])
async def test_a_name_that_nobody_has_buys_nothing_else(refusing: House, shop: AsyncOpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError, match="truefusion") as unknown:
        await shop.images.generate(prompt="a red fox", model=name)
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert await bought(refusing) == 0


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"n": 11}, "n"),
        ({"n": 5}, "n"),
        ({"size": "large"}, "size"),
        ({"size": "1x1"}, "size"),
        ({"quality": "hd"}, "quality"),
        ({"style": "vivid"}, "style"),
        ({"moderation": "low"}, "moderation"),
        ({"response_format": "gif"}, "response_format"),
        ({"partial_images": 4}, "partial_images"),
        ({"model": "truefusion-video"}, "model"),
        ({"extra_body": {"colour": "red"}}, "colour"),
        ({"extra_body": {"prompt": 7}}, "prompt"),
    ],
)
async def test_what_does_not_fit_names_the_field(
    refusing: House, shop: AsyncOpenAI, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await shop.images.generate(**{"prompt": "a red fox", **asked})
    assert (refused.value.type, refused.value.param) == ("invalid_request_error", param)
    assert await bought(refusing) == 0


async def test_moderation_s_refusal_is_its_own_code(refusing: House, shop: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await shop.images.generate(prompt=REFUSED)
    assert (refused.value.code, refused.value.param) == ("content_policy_violation", "prompt")
    assert "my own words" not in str(refused.value)
    assert await bought(refusing) == 0


async def test_keys_scopes_limits_and_budgets(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    """A rate that will be free again within a minute is waited for by the client itself; these here are not."""
    changed = {"rate_limit_generate": "2/hour", "daily_budget": Decimal("0.03")}
    limited = settings.model_copy(update=changed)
    async with open_house(limited, fresh_emulator) as house:
        async with client_of(house, "dk_wrong") as client:
            with pytest.raises(openai.AuthenticationError) as wrong:
                await client.models.list()
            assert wrong.value.code == "invalid_api_key"
        async with client_of(house, await key_for(house, scopes=frozenset({Scope.READ}))) as client:
            with pytest.raises(openai.PermissionDeniedError):
                await client.images.generate(prompt="a red fox")
        async with client_of(house, await key_for(house)) as client:
            await client.images.generate(prompt="a red fox", response_format="url")
            with pytest.raises(openai.RateLimitError) as poor:
                await client.images.generate(prompt="a red fox")
            assert (poor.value.type, poor.value.code) == ("insufficient_quota", "insufficient_quota")
            assert int(poor.value.response.headers["retry-after"]) > 0
            with pytest.raises(openai.RateLimitError) as fast:
                await client.images.generate(prompt="a red fox")
            assert fast.value.code == "rate_limit_exceeded"


async def test_a_picture_that_is_late_is_an_error_that_names_it(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    async with open_house(settings.model_copy(update={"openai_wait_seconds": 1}), fresh_emulator) as house:
        await house.dialect(duration=2)
        async with client_of(house) as client:
            with pytest.raises(openai.InternalServerError) as late:
                await client.images.generate(prompt="a red fox")
        (row,) = await house.rows("SELECT id FROM predictions")
        assert (late.value.status_code, late.value.code) == (504, "timeout")
        assert str(row["id"]) in late.value.message
        assert (await house.final(str(row["id"])))["status"] == "succeeded"


async def test_a_stream_that_ends_without_pictures_raises_the_reason(house: House, client: AsyncOpenAI) -> None:
    await house.faults(nsfw=1)
    stream = await client.images.generate(prompt="a red fox", stream=True)
    with pytest.raises(openai.APIError) as failed:
        [event async for event in stream]
    assert failed.value.code == "content_policy_violation"


async def test_a_failure_is_told_once_and_not_bought_again(house: House, client: AsyncOpenAI) -> None:
    await house.faults(fail=1)
    with pytest.raises(openai.APIStatusError) as failed:
        await client.images.generate(prompt="a red fox")
    assert failed.value.code in ("provider_failed", "rejected")
    assert await bought(house) == 1


async def test_pictures_that_cannot_be_read_are_told_by_address(house: House, client: AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"prompt": "a red fox", "extra_headers": {"Idempotency-Key": "order-17"}}
    await client.images.generate(**asked)
    (row,) = await house.rows("SELECT key FROM files")
    for path in (house.settings.darkroom_data / "blobs").rglob(row["key"]):
        path.unlink()
    again = await client.images.generate(**asked)
    assert again.data is not None
    assert (again.data[0].url is not None, again.data[0].b64_json) == (True, None)
    with pytest.raises(openai.InternalServerError) as away:
        await client.images.generate(**asked, response_format="b64_json")
    assert away.value.code == "unavailable"
    assert await bought(house) == 1


async def test_who_hangs_up_loses_nothing(house: House, client: AsyncOpenAI) -> None:
    await house.dialect(duration=1)
    asking = asyncio.create_task(client.images.generate(prompt="a red fox"))

    async def is_bought() -> bool:
        return await bought(house) == 1

    await eventually_async(is_bought)
    asking.cancel()
    (row,) = await house.rows("SELECT id FROM predictions")
    assert (await house.final(str(row["id"])))["status"] == "succeeded"


async def test_a_cancel_from_elsewhere_is_told(house: House, client: AsyncOpenAI) -> None:
    await house.dialect(duration=60)

    async def cancel() -> bool:
        rows = await house.rows("SELECT id FROM predictions WHERE stage IN ('waiting', 'running')")
        return bool(rows) and (await house.client.post(f"/api/predictions/{rows[0]['id']}/cancel")).status_code == 200

    asking = asyncio.create_task(client.images.generate(prompt="a red fox"))
    await eventually_async(cancel)
    with pytest.raises(openai.ConflictError) as canceled:
        await asking
    assert canceled.value.code == "canceled"
    assert await bought(house) == 1


async def test_an_idempotency_key_is_honoured(house: House, client: AsyncOpenAI) -> None:
    twice = [
        await client.images.generate(prompt="a red fox", extra_headers={"Idempotency-Key": "order-17"})
        for _ in range(2)
    ]
    assert twice[0].data == twice[1].data
    assert await bought(house) == 1


def masked(hole: tuple[int, int, int, int] | None, size: tuple[int, int] = (64, 48), mode: str = "RGBA") -> bytes:
    picture, file = Image.new(mode, size, "black"), BytesIO()
    if hole is not None:
        picture.paste((0, 0, 0, 0), hole)
    picture.save(file, "PNG")
    return file.getvalue()


async def test_an_edit_after_a_picture(house: House, client: AsyncOpenAI) -> None:
    made = await client.images.edit(
        model="truefusion-2.0", image=("fox.png", encoded("PNG")), prompt="in winter", n=2, extra_body={"strength": 0.4}
    )
    assert len(made.data or []) == 2
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    assert prediction["input"].pop("image").startswith("file_")
    assert prediction["input"] == {"prompt": "in winter", "num_outputs": 2, "strength": 0.4}


async def test_without_a_model_an_edit_goes_to_the_cheapest_that_can(house: House, client: AsyncOpenAI) -> None:
    made = await client.images.edit(image=encoded("JPEG"), prompt="in winter")
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    assert prediction["model"] == "truefusion-2.0"


async def test_what_is_transparent_in_a_mask_is_sent_on_as_white(house: House, client: AsyncOpenAI) -> None:
    picture = masked(None)
    made = await client.images.edit(model="truefusion-2.0", image=picture, mask=masked((8, 8, 24, 16)), prompt="a hat")
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    (row,) = await house.rows("SELECT key FROM uploads WHERE id = $1", prediction["input"]["mask"])
    content = (await house.client.get(f"/files/{row['key']}")).content
    mask = Image.open(BytesIO(content))
    assert (mask.mode, mask.size, mask.getpixel((8, 8)), mask.getpixel((7, 8))) == ("L", (64, 48), 255, 0)
    assert mask.histogram()[255] == 16 * 8


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (masked(None), "wholly transparent"),
        (masked(None, mode="RGB"), "alpha"),
        (masked((0, 0, 8, 8), size=(32, 32)), "pixels"),
        (encoded("JPEG"), "alpha"),
        (b"not a picture", "no picture"),
        (masked((0, 0, 8, 8))[:60], "damaged"),
    ],
)
async def test_a_mask_that_cannot_be_used_is_refused(
    refusing: House, shop: AsyncOpenAI, mask: bytes, reason: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=reason) as refused:
        await shop.images.edit(model="truefusion-2.0", image=masked(None), mask=mask, prompt="a hat")
    assert refused.value.param == "mask"
    assert await bought(refusing) == 0


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"image": b"%PDF-1.7"}, "image"),
        ({"image": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "image"),
        ({"image": [encoded("PNG")] * 2}, "image"),
        ({"image": [encoded("PNG")] * 17}, "image"),
        ({"markup": encoded("PNG")}, "markup"),
        ({"n": 11}, "n"),
        ({"extra_body": {"colour": "red"}}, "colour"),
        ({"model": "truefusion-pro"}, "model"),
    ],
)
async def test_an_edit_that_does_not_fit_names_the_field(
    refusing: House, shop: AsyncOpenAI, asked: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await shop.images.edit(**{"image": encoded("PNG"), "prompt": "a hat", "model": "truefusion-2.0", **asked})
    assert (refused.value.param or "").startswith(param)
    assert await bought(refusing) == 0


async def test_the_same_edit_under_the_same_key_is_one(house: House, client: AsyncOpenAI) -> None:
    asked: dict[str, Any] = {
        "image": encoded("PNG"),
        "prompt": "in winter",
        "extra_headers": {"Idempotency-Key": "edit-17"},
    }
    twice = [await client.images.edit(**asked) for _ in range(2)]
    assert twice[0].data == twice[1].data
    with pytest.raises(openai.BadRequestError) as other:
        await client.images.edit(**asked | {"image": encoded("WEBP")})
    assert other.value.code == "idempotency_conflict"
    assert await bought(house) == 1


async def test_an_edit_can_be_streamed(client: AsyncOpenAI) -> None:
    stream = await client.images.edit(image=encoded("PNG"), prompt="in winter", stream=True)
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_edit.completed"]
    assert base64.b64decode(events[0].b64_json).startswith(PNG)


@DEPRECATED_THERE
async def test_a_variation_of_our_own_picture_is_another_draw_of_it(house: House, client: AsyncOpenAI) -> None:
    first = await client.images.generate(prompt="a red fox", response_format="b64_json", extra_body={"seed": 7})
    assert first.data is not None
    picture = base64.b64decode(str(first.data[0].b64_json))
    other = await client.images.create_variation(image=picture, n=2)
    assert len(other.data or []) == 2
    prediction = await house.final((other.model_extra or {})["prediction_id"])
    assert prediction["variation_of"] == (first.model_extra or {})["prediction_id"]
    assert prediction["input"]["prompt"] == "a red fox"
    assert prediction["input"]["num_outputs"] == 2
    assert prediction["input"]["seed"] != 7


@DEPRECATED_THERE
async def test_a_variation_of_another_picture_is_one_after_it(house: House, client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        await client.images.create_variation(image=encoded("PNG"), model="truefusion-2.0")
    assert refused.value.param == "prompt"
    made = await client.images.create_variation(
        image=encoded("PNG"), model="truefusion-2.0", extra_body={"prompt": "in winter"}
    )
    prediction = await house.final((made.model_extra or {})["prediction_id"])
    assert prediction["input"]["image"].startswith("file_")
    assert prediction["variation_of"] is None


@DEPRECATED_THERE
async def test_nobody_varies_another_owner_s(house: House, client: AsyncOpenAI) -> None:
    first = await client.images.generate(prompt="a red fox", response_format="b64_json")
    assert first.data is not None
    async with client_of(house, await key_for(house, "bob")) as bob:
        with pytest.raises(openai.BadRequestError) as refused:
            await bob.images.create_variation(
                image=base64.b64decode(str(first.data[0].b64_json)), model="truefusion-2.0"
            )
    assert refused.value.param == "prompt"
