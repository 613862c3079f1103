"""The adapter against an API on a real socket."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.ports import NotKnown, ProviderRefused, Unsure
from app.domain.prediction import FailureCode
from app.domain.report import Inline, ProviderState
from app.providers.stability import Stability
from tests.providers.stability.picture_server import PictureServer, picture_server
from tests.providers.stability.samples import CALLBACK, PNG, data_uri, prediction_of, stability_of, upscaled


@pytest.fixture
async def server() -> AsyncIterator[PictureServer]:
    async with picture_server() as server:
        yield server


@pytest.fixture
async def stability(server: PictureServer) -> AsyncIterator[Stability]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield stability_of(http, api=server.url)


async def test_a_picture_comes_with_the_answer(server: PictureServer, stability: Stability) -> None:
    prediction = prediction_of(aspect_ratio="16:9", seed=7)
    report = await stability.create(prediction, CALLBACK)
    assert (report.state, report.billed) == (ProviderState.SUCCEEDED, Decimal("0.03"))
    assert report.inline == (Inline(PNG, proven_whole=True),)
    assert report.provider_id == str(prediction.id)
    assert report.facts == {"seed": 343940597, "request_id": "req-1"}
    (sold,) = server.sold
    assert sold.fields == {"prompt": b"a very private fox", "aspect_ratio": b"16:9", "seed": b"7"}
    assert sold.headers["accept"] == "image/*"


IMAGE: dict[str, Any] = {"image": data_uri()}
ORDERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "stable-image-core": ({}, "generate/core", "0.03"),
    "stable-image-ultra": ({**IMAGE, "strength": 0.5}, "generate/ultra", "0.08"),
    "sd3.5-large": ({}, "generate/sd3", "0.065"),
    "sd3.5-large-turbo": ({}, "generate/sd3", "0.04"),
    "sd3.5-medium": ({**IMAGE, "strength": 1.0}, "generate/sd3", "0.035"),
    "sd3.5-flash": ({}, "generate/sd3", "0.025"),
    "inpaint": ({**IMAGE, "mask": data_uri()}, "edit/inpaint", "0.05"),
    "erase": ({**IMAGE, "mask": data_uri(), "grow_mask": 5}, "edit/erase", "0.05"),
    "outpaint": ({**IMAGE, "left": 200}, "edit/outpaint", "0.04"),
    "search-and-replace": ({**IMAGE, "search_prompt": "a dog"}, "edit/search-and-replace", "0.05"),
    "search-and-recolor": ({**IMAGE, "select_prompt": "a dog"}, "edit/search-and-recolor", "0.05"),
    "remove-background": (IMAGE, "edit/remove-background", "0.05"),
    "sketch": (IMAGE, "control/sketch", "0.05"),
    "upscale-fast": (IMAGE, "upscale/fast", "0.02"),
    "upscale-conservative": (IMAGE, "upscale/conservative", "0.40"),
}


@pytest.mark.parametrize("model", ORDERS)
async def test_everything_that_is_offered_can_be_bought(
    server: PictureServer, stability: Stability, model: str
) -> None:
    given, path, price = ORDERS[model]
    report = await stability.create(prediction_of(model, **given), CALLBACK)
    assert (report.state, report.billed) == (ProviderState.SUCCEEDED, Decimal(price))
    (sold,) = server.sold
    assert sold.path == path
    assert sold.fields.get("image") == (PNG if "image" in given else None)
    if path == "generate/sd3":
        assert sold.fields["model"] == model.encode()
        assert sold.fields.get("mode") == (b"image-to-image" if "image" in given else None)
        assert sold.fields.get("strength") == (b"1" if "image" in given else None)


async def test_all_of_the_table_is_tried_here(stability: Stability) -> None:
    assert {model.slug for model in await stability.models()} == {*ORDERS, "upscale-creative"}


async def test_a_job_is_started_and_looked_for(server: PictureServer, stability: Stability) -> None:
    taken = await stability.create(upscaled(), CALLBACK)
    assert (taken.state, taken.billed, taken.inline) == (ProviderState.QUEUED, None, ())
    looks = [await stability.fetch(taken.provider_id, "upscale-creative") for _ in range(2)]
    assert [look.state for look in looks] == [ProviderState.RUNNING, ProviderState.SUCCEEDED]
    assert looks[-1].inline == (Inline(PNG),)
    assert (looks[-1].provider_id, looks[-1].billed) == (taken.provider_id, Decimal("0.60"))
    assert len(server.sold) == 1


async def test_a_blurred_picture_is_billed_and_no_result(server: PictureServer, stability: Stability) -> None:
    server.filters = True
    report = await stability.create(prediction_of(), CALLBACK)
    assert report.failure is not None and report.failure.code is FailureCode.CONTENT_FILTERED
    assert (report.state, report.billed, report.inline) == (ProviderState.FAILED, Decimal("0.03"), ())


async def test_an_answer_that_breaks_off_leaves_us_unsure(server: PictureServer, stability: Stability) -> None:
    server.cuts = True
    with pytest.raises(Unsure):
        await stability.create(prediction_of(), CALLBACK)
    assert len(server.sold) == 1


async def test_nothing_can_be_looked_for_but_a_job(server: PictureServer, stability: Stability) -> None:
    for provider_id, model in (("1", "stable-image-core"), ("1", "no-such-model"), ("ff" * 32, "upscale-creative")):
        with pytest.raises(NotKnown):
            await stability.fetch(provider_id, model)
    assert server.asked == ["/v2beta/results/" + "ff" * 32]


async def test_the_balance_tells_whether_the_key_is_taken(server: PictureServer, stability: Stability) -> None:
    await stability.greet()
    assert await stability.credits() == Decimal("123.4")
    async with httpx.AsyncClient(trust_env=False) as http:
        stranger = stability_of(http, api=server.url, key="sk-another")
        with pytest.raises(ProviderRefused):
            await stranger.greet()
        with pytest.raises(ProviderRefused):
            await stranger.create(prediction_of(), CALLBACK)
    assert server.sold == []
