"""What a create sends, and what its answers mean for our money."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.actions.validate_input import validate_input
from app.domain.errors import InvalidRequest
from app.domain.ports import NotKnown, ProviderRefused, Unavailable, Unsure
from app.domain.prediction import FailureCode
from app.domain.report import Inline, ProviderState
from app.providers.stability import Stability, load_offers
from app.providers.stability.adapter import LARGEST_PICTURE_BYTES
from app.providers.stability.requests import LARGEST_REQUEST_BYTES
from tests.providers.stability.samples import CALLBACK, ID, PNG, data_uri, error, picture, prediction_of, upscaled
from tests.providers.stub import Answer, ApiStub, answer

REJECTED, FILTERED = FailureCode.REJECTED, FailureCode.CONTENT_FILTERED
REFUSALS: dict[str, tuple[Answer, FailureCode, str | None]] = {
    "an invalid field": (error(400, "bad_request", "prompt: very-private"), REJECTED, "bad_request"),
    "a wrong key": (error(401, "unauthorized"), REJECTED, "unauthorized"),
    "an empty account": (error(402, "payment_required"), REJECTED, "payment_required"),
    "moderation": (error(403, "content_moderation"), FILTERED, "content_moderation"),
    "a permission": (error(403, "permission_denied"), REJECTED, "permission_denied"),
    "too much": (error(413, "payload_too_large"), REJECTED, "payload_too_large"),
    "another language": (error(422, "invalid_language"), REJECTED, "invalid_language"),
    "somebody known": (error(422, "public_figure"), FILTERED, "public_figure"),
    "a gateway's page": (answer(body=b"<html>", status=403), REJECTED, None),
    "a name that is none": (answer({"name": "very private!"}, status=400), REJECTED, None),
}


@pytest.mark.parametrize(("said", "code", "their_code"), REFUSALS.values(), ids=REFUSALS)
async def test_a_refusal_is_final_and_told_in_our_words(
    stability: Stability, api: ApiStub, said: Answer, code: FailureCode, their_code: str | None
) -> None:
    api.answers(said)
    with pytest.raises(ProviderRefused) as caught:
        await stability.create(prediction_of(), CALLBACK)
    failure = caught.value.failure
    assert (failure.code, failure.provider_code) == (code, their_code)
    assert "private" not in failure.message and "their own words" not in failure.message


@pytest.mark.parametrize("headers", [{}, {"retry-after": "2"}])
async def test_a_limit_keeps_all_of_us_off_for_a_minute(
    stability: Stability, api: ApiStub, headers: dict[str, str]
) -> None:
    api.answers(error(429, "rate_limit_exceeded", **headers))
    for call in (stability.create(prediction_of(), CALLBACK), stability.fetch(ID, "upscale-creative")):
        with pytest.raises(Unavailable) as caught:
            await call
        assert (caught.value.retry_after, caught.value.concerns_all) == (timedelta(seconds=60), True)


async def test_their_own_failure_costs_nothing_and_is_asked_for_again(stability: Stability, api: ApiStub) -> None:
    api.answers(error(500, "internal_error"))
    with pytest.raises(Unavailable) as caught:
        await stability.create(prediction_of(), CALLBACK)
    assert not caught.value.concerns_all


UNSURE: dict[str, Answer] = {
    "a gateway's failure": answer(body=b"<html>", status=502),
    "a failure by another name": error(500, "something_else"),
    "a time limit": answer({}, status=408),
    "a page": answer(body=b"<html>", headers={"content-type": "text/html"}),
    "a job that nobody started": answer({"id": ID}),
    "nothing": answer(body=b"", headers={"content-type": "application/json"}),
}


@pytest.mark.parametrize("said", UNSURE.values(), ids=UNSURE)
async def test_an_answer_that_proves_nothing_leaves_us_unsure(stability: Stability, api: ApiStub, said: Answer) -> None:
    api.answers(said)
    with pytest.raises(Unsure):
        await stability.create(prediction_of(), CALLBACK)


@pytest.mark.parametrize("said", [answer({}), answer({"id": ""}), answer({"id": 7}), answer([]), picture()])
async def test_a_job_without_an_id_may_have_been_started(stability: Stability, api: ApiStub, said: Answer) -> None:
    api.answers(said)
    with pytest.raises(Unsure):
        await stability.create(upscaled(), CALLBACK)


async def test_a_picture_is_kept_whatever_odd_word_comes_with_it(stability: Stability, api: ApiStub) -> None:
    api.answers(picture(finish="ODD", seed="x" * 30, x_request_id="r" * 300))
    report = await stability.create(prediction_of(), CALLBACK)
    assert (report.state, report.inline, report.facts) == (ProviderState.SUCCEEDED, (Inline(PNG),), {})


async def test_a_picture_beyond_all_bounds_is_no_whole_one(stability: Stability, api: ApiStub) -> None:
    api.answers(picture(PNG + bytes(LARGEST_PICTURE_BYTES)))
    (inline,) = (await stability.create(prediction_of(), CALLBACK)).inline
    assert not inline.proven_whole


async def test_a_job_may_end_at_their_moderation(stability: Stability, api: ApiStub) -> None:
    api.answers(error(403, "content_moderation"))
    report = await stability.fetch(ID, "upscale-creative")
    assert report.failure is not None
    assert (report.state, report.failure.code, report.billed) == (ProviderState.FAILED, FILTERED, None)


async def test_a_job_that_is_gone_is_not_known(stability: Stability, api: ApiStub) -> None:
    api.answers(error(404, "generation_not_found"))
    with pytest.raises(NotKnown):
        await stability.fetch("a/../b", "upscale-creative")
    assert api.last.url.raw_path == b"/v2beta/results/a%2F..%2Fb"


@pytest.mark.parametrize("balance", [{}, [], {"credits": "1"}, {"credits": True}, {"credits": -1}])
async def test_a_balance_that_makes_no_sense_proves_nothing(stability: Stability, api: ApiStub, balance: Any) -> None:
    api.says(balance)
    with pytest.raises(Unavailable):
        await stability.greet()


async def test_an_empty_account_is_told_like_a_wrong_key(stability: Stability, api: ApiStub) -> None:
    api.says({"credits": 0})
    with pytest.raises(ProviderRefused):
        await stability.greet()


UNFIT: dict[str, Any] = {
    "an address": "https://client.example/very-private.png",
    "an upload's id": "file_very-private",
    "no text": 7,
    "broken base64": "data:image/png;base64,very-private!",
    "no comma": "data:image/png;base64",
}


@pytest.mark.parametrize("given", UNFIT.values(), ids=UNFIT)
async def test_a_picture_that_is_no_data_is_refused_before_anything_is_sent(
    stability: Stability, api: ApiStub, given: Any
) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await stability.create(prediction_of("upscale-fast", image=given), CALLBACK)
    assert "`image`" in caught.value.failure.message
    assert "private" not in caught.value.failure.message
    assert api.requests == []


async def test_more_than_they_take_is_refused_before_anything_is_sent(stability: Stability, api: ApiStub) -> None:
    half = data_uri(bytes(LARGEST_REQUEST_BYTES // 2))
    with pytest.raises(ProviderRefused) as caught:
        await stability.create(prediction_of("inpaint", image=half, mask=half), CALLBACK)
    assert (caught.value.failure.provider_code, api.requests) == ("payload_too_large", [])


async def test_an_unknown_model_is_refused_before_anything_is_sent(stability: Stability, api: ApiStub) -> None:
    with pytest.raises(ProviderRefused):
        await stability.create(prediction_of("../v1/user/balance"), CALLBACK)
    assert api.requests == []


@given(st.binary(max_size=300), st.booleans())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_every_byte_of_a_picture_arrives(
    stability: Stability, api: ApiStub, content: bytes, is_base64: bool
) -> None:
    coded = f";base64,{base64.b64encode(content).decode()}" if is_base64 else f",{quote(content)}"
    api.answers(picture())
    await stability.create(prediction_of("upscale-fast", image=f"data:image/webp{coded}"), CALLBACK)
    assert b'name="image"; filename="image"\r\nContent-Type: image/webp\r\n\r\n' + content in api.last.content


async def test_text_alone_is_multipart_as_well(stability: Stability, api: ApiStub) -> None:
    api.answers(picture())
    await stability.create(prediction_of(prompt="data:,no picture", seed=7.0, style_preset=None), CALLBACK)
    assert api.last.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="prompt"\r\n\r\ndata:,no picture\r\n' in api.last.content
    assert b'name="seed"\r\n\r\n7\r\n' in api.last.content
    assert b"style_preset" not in api.last.content and b"filename" not in api.last.content


MISFITS: dict[str, tuple[str, dict[str, Any], str]] = {
    "an image without its strength": ("sd3.5-large", {"prompt": "x", "image": "x"}, "input.strength"),
    "a ratio beside an image": (
        "sd3.5-large",
        {"prompt": "x", "image": "x", "strength": 0.5, "aspect_ratio": "1:1"},
        "input.aspect_ratio",
    ),
    "no side to go beyond": ("outpaint", {"image": "x"}, "input"),
    "a ratio that is none": ("stable-image-core", {"prompt": "x", "aspect_ratio": "4:3"}, "input.aspect_ratio"),
    "a style that is none": ("inpaint", {"prompt": "x", "image": "x", "style_preset": "x"}, "input.style_preset"),
    "a seed too large": ("stable-image-core", {"prompt": "x", "seed": 2**32}, "input.seed"),
    "a width": ("stable-image-core", {"prompt": "x", "width": 512}, "input.width"),
    "too much creativity": ("upscale-creative", {"prompt": "x", "image": "x", "creativity": 1}, "input.creativity"),
    "a mask grown too far": ("erase", {"image": "x", "grow_mask": 21}, "input.grow_mask"),
    "a JPEG of no background": (
        "remove-background",
        {"image": "x", "output_format": "jpeg"},
        "input.output_format",
    ),
}


@pytest.mark.parametrize(("slug", "given", "field"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_a_schema_is_named(slug: str, given: dict[str, Any], field: str) -> None:
    (model,) = (offer.model for offer in load_offers() if offer.model.slug == slug)
    with pytest.raises(InvalidRequest) as caught:
        validate_input(given, model)
    assert [problem.field for problem in caught.value.problems] == [field]
