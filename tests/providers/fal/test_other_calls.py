"""Cancel, greet, the list that is none, and the models."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from app.domain.model import Price
from app.domain.ports import NotKnown, ProviderRefused, Unavailable
from app.domain.prices import price_of
from app.providers.fal import Fal
from app.providers.fal.models import UnusableModels, load_models
from tests.providers.fal.samples import ID, KEY, MODEL, PLATFORM, PREDICTION, QUEUE
from tests.providers.stub import ApiStub


async def test_a_cancel_is_one_documented_request(fal: Fal, api: ApiStub) -> None:
    api.says({"status": "CANCELLATION_REQUESTED"}, status=202)
    await fal.cancel(ID, MODEL)
    [request] = api.requests
    assert (request.method, str(request.url)) == ("PUT", f"{QUEUE}/fal-ai/flux/requests/{ID}/cancel")
    assert (request.content, request.headers["authorization"]) == (b"", f"Key {KEY}")


@pytest.mark.parametrize(("status", "word"), [(200, "OK"), (202, "CANCELLATION_REQUESTED"), (400, "ALREADY_COMPLETED")])
async def test_what_it_answers_is_for_the_next_look_to_judge(fal: Fal, api: ApiStub, status: int, word: str) -> None:
    api.says({"status": word}, status=status)
    await fal.cancel(ID, MODEL)


async def test_a_cancel_of_nothing_is_not_known(fal: Fal, api: ApiStub) -> None:
    api.says({"status": "NOT_FOUND"}, status=404)
    with pytest.raises(NotKnown):
        await fal.cancel(ID, MODEL)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_cancel_during_an_outage_is_tried_again(fal: Fal, api: ApiStub, status: int) -> None:
    api.says(status=status, headers={"retry-after": "9"})
    with pytest.raises(Unavailable) as caught:
        await fal.cancel(ID, MODEL)
    assert caught.value.retry_after == timedelta(seconds=9)


async def test_a_greeting_reads_what_nobody_gets_without_a_key(fal: Fal, api: ApiStub) -> None:
    api.says({"items": []}, headers={"date": "Sat, 01 Nov 2025 10:00:00 GMT"})
    assert await fal.greet() == datetime(2025, 11, 1, 10, tzinfo=UTC)
    assert str(api.last.url) == f"{PLATFORM}/models/requests/by-endpoint?endpoint_id=fal-ai%2Fflux%2Fdev&limit=1"
    assert api.last.headers["authorization"] == f"Key {KEY}"


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_key_that_is_not_taken_is_refused(fal: Fal, api: ApiStub, status: int) -> None:
    api.says({"error": {"type": "authorization_error", "message": "no"}}, status=status)
    with pytest.raises(ProviderRefused):
        await fal.greet()


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_a_greeting_during_an_outage_says_nothing_of_the_key(fal: Fal, api: ApiStub, status: int) -> None:
    api.says(status=status)
    with pytest.raises(Unavailable):
        await fal.greet()


async def test_a_lost_greeting_is_an_outage(fal: Fal, api: ApiStub) -> None:
    api.answers(httpx.ReadTimeout("no"))
    with pytest.raises(Unavailable):
        await fal.greet()


async def test_there_is_no_list_and_nothing_is_asked(fal: Fal, api: ApiStub) -> None:
    assert await fal.listed(MODEL, PREDICTION.created_at) == ()
    assert api.requests == []


async def test_no_list_is_no_statement_of_account(fal: Fal) -> None:
    with pytest.raises(Unavailable):
        await fal.listed(None, PREDICTION.created_at)


async def test_every_model_of_the_table_is_named_once_and_can_be_priced(fal: Fal, api: ApiStub) -> None:
    models = await fal.models()
    assert len({model.slug for model in models}) == len(models) >= 5
    assert {model.provider for model in models} == {"fal"}
    assert all(price_of(model, {"prompt": "a fox"}) for model in models)
    assert api.requests == []


@pytest.mark.parametrize(
    ("slug", "given", "price"),
    [
        (MODEL, {}, "0.025"),
        (MODEL, {"num_images": 4}, "0.1"),
        ("fal-ai/flux/schnell", {"num_images": 2}, "0.006"),
        ("fal-ai/kling-video/v2.1/master/text-to-video", {}, "1.4"),
        ("fal-ai/kling-video/v2.1/master/text-to-video", {"duration": "10"}, "2.8"),
    ],
)
async def test_what_is_asked_for_has_its_price(fal: Fal, slug: str, given: dict[str, object], price: str) -> None:
    [model] = [model for model in await fal.models() if model.slug == slug]
    assert price_of(model, given) == Decimal(price)


async def test_no_model_is_let_to_answer_with_its_files_in_the_text(fal: Fal) -> None:
    assert all("sync_mode" not in model.input_schema["properties"] for model in await fal.models())


def test_the_operators_own_models_win_and_join(tmp_path: Path) -> None:
    own = tmp_path / "models.toml"
    own.write_text(
        f'[[model]]\nendpoint = "{MODEL}"\namount = "0.02"\n[[model]]\nendpoint = "me/mine"\nkind = "video"\n'
    )
    models = {model.slug: model for model in load_models(own)}
    assert models[MODEL].price == Price(Decimal("0.02"), "USD", "prediction")
    assert (models["me/mine"].kind, models["me/mine"].price) == ("video", None)
    assert len(models) == len(load_models()) + 1


@pytest.mark.parametrize(
    "text",
    [
        "not TOML",
        "model = 7",
        "model = [7]",
        '[model]\nendpoint = "a/b"',
        '[[model]]\nkind = "image"',
        '[[model]]\nendpoint = "flux"',
        '[[model]]\nendpoint = "a/../b"',
        '[[model]]\nendpoint = "a/b"\namount = 1.5e',
        '[[model]]\nendpoint = "a/b"\namount = "much"',
        '[[model]]\nendpoint = "a/b"\namount = "-1"',
        '[[model]]\nendpoint = "a/b"\namount = "NaN"',
        '[[model]]\nendpoint = "a/b"\n[model.input_schema]\ntype = 7',
    ],
)
def test_a_table_that_makes_no_sense_says_where(tmp_path: Path, text: str) -> None:
    own = tmp_path / "models.toml"
    own.write_text(text)
    with pytest.raises(UnusableModels, match=r"models\.toml"):
        load_models(own)
