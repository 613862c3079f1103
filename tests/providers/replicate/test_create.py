"""What each answer to a create means for money."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.ports import ProviderRefused, ProviderTrouble, Unavailable, Unsure
from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState
from app.providers.replicate import Replicate
from tests.providers.replicate.samples import (
    BASE,
    CALLBACK,
    KEY,
    OUTPUT,
    VERSION,
    prediction_object,
    prediction_of,
    problem,
    replicate_of,
)
from tests.providers.stub import Answer, ApiStub, answer

PREDICTION = prediction_of()


async def refused(replicate: Replicate) -> Failure:
    with pytest.raises(ProviderRefused) as caught:
        await replicate.create(PREDICTION, CALLBACK)
    return caught.value.failure


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_success_with_an_id_is_a_purchase(replicate: Replicate, api: ApiStub, status: int) -> None:
    api.says(prediction_object(status="starting", output=None), status=status)
    report = await replicate.create(PREDICTION, CALLBACK)
    assert (report.provider_id, report.state) == (prediction_object()["id"], ProviderState.QUEUED)


async def test_a_reply_may_already_tell_the_end(replicate: Replicate, api: ApiStub) -> None:
    api.says(prediction_object(), status=201)
    report = await replicate.create(PREDICTION, CALLBACK)
    assert (report.state, report.outputs) == (ProviderState.SUCCEEDED, (OUTPUT,))


@pytest.mark.parametrize(
    "model",
    [
        "",
        "flux-schnell",
        "acme/painter/more",
        "acme/painter:latest",
        "acme/..",
        "../account",
        "acme/painter?x=1",
        "acme/painter#x",
        "acme/pain ter",
        f"{VERSION}0",
        VERSION.upper(),
        f"acme/painter:{VERSION}\n",
        "deployments/acme/..",
        "https://elsewhere.example/acme/painter",
        "/acme/painter",
        "äcme/painter",
    ],
)
async def test_what_is_no_name_is_refused_before_anything_is_sent(
    replicate: Replicate, api: ApiStub, model: str
) -> None:
    api.says(prediction_object(), status=201)
    with pytest.raises(ProviderRefused) as caught:
        await replicate.create(prediction_of(model), CALLBACK)
    assert caught.value.failure == Failure(FailureCode.REJECTED, "The provider has no such model.")
    assert api.requests == []


async def test_two_words_are_a_models_name_whatever_they_say(replicate: Replicate, api: ApiStub) -> None:
    api.says(prediction_object(), status=201)
    await replicate.create(prediction_of("deployments/acme"), CALLBACK)
    assert str(api.last.url) == f"{BASE}/models/deployments/acme/predictions"


MEANINGLESS_BODIES = {
    "a gateway's page": b"<html><h1>200 OK</h1></html>",
    "nothing": b"",
    "an array": b'[{"id": "p1", "status": "starting"}]',
    "null": b"null",
    "an empty object": b"{}",
    "cut in the middle": b'{"id": "p1", "sta',
    "no id": b'{"status": "starting"}',
    "a number for an id": b'{"id": 7, "status": "starting"}',
    "bottomless": b"[" * 100_000,
}


@pytest.mark.parametrize("body", MEANINGLESS_BODIES.values(), ids=MEANINGLESS_BODIES.keys())
async def test_a_success_that_makes_no_sense_may_be_a_purchase(replicate: Replicate, api: ApiStub, body: bytes) -> None:
    api.says(body=body, status=201)
    with pytest.raises(Unsure):
        await replicate.create(PREDICTION, CALLBACK)
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 499, 500, 502, 504, 520, 599])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"title": "Insufficient credit", "status": 402}'])
async def test_a_create_that_broke_on_its_way_may_be_a_purchase(
    replicate: Replicate, api: ApiStub, status: int, body: bytes
) -> None:
    api.says(body=body, status=status)
    with pytest.raises(Unsure):
        await replicate.create(PREDICTION, CALLBACK)
    assert len(api.requests) == 1


THROTTLED = "Request was throttled. Your rate limit resets in ~{}s."
PAUSES: list[tuple[dict[str, Any], dict[str, str], float | None]] = [
    ({"detail": THROTTLED.format(30), "status": 429, "retry_after": 30}, {"retry-after": "7"}, 30),
    ({"detail": THROTTLED.format(30)}, {"retry-after": "7"}, 7),
    ({"detail": THROTTLED.format(30)}, {}, 30),
    ({"detail": "Your rate limit resets in 12.5 s"}, {}, 12),
    ({"retry_after": 0.5}, {}, 0.5),
    ({"retry_after": 0}, {}, 0),
    ({"retry_after": 86_400}, {}, 60),
    ({"detail": THROTTLED.format(999_999)}, {}, 60),
    ({"retry_after": float("inf")}, {}, 60),
    ({"retry_after": 10**400}, {}, 60),
    ({"retry_after": float("nan")}, {}, None),
    ({"retry_after": -1}, {}, None),
    ({"retry_after": True}, {}, None),
    ({"retry_after": "30"}, {"retry-after": "soon"}, None),
    ({"detail": ["resets in ~30s"]}, {}, None),
    ({}, {}, None),
]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("body", "headers", "seconds"), PAUSES, ids=range(len(PAUSES)))
async def test_a_create_that_was_put_off_says_until_when(
    replicate: Replicate, api: ApiStub, status: int, body: Any, headers: dict[str, str], seconds: float | None
) -> None:
    api.says(body, status=status, headers=headers)
    with pytest.raises(Unavailable) as caught:
        await replicate.create(PREDICTION, CALLBACK)
    assert caught.value.retry_after == (None if seconds is None else timedelta(seconds=seconds))
    assert caught.value.concerns_all is (status == 429 or seconds is not None)


REFUSALS = [
    (400, {}, "The provider refused this request.", None),
    (401, problem(401), "The provider does not accept our API key.", None),
    (402, problem(402, title="Insufficient credit"), "Our account with the provider has too few credits.", None),
    (403, problem(403), "The provider does not allow our account this request.", None),
    (404, {"detail": "The requested resource could not be found."}, "The provider has no such model.", None),
    (413, {"detail": "…"}, "The provider found the input too large.", None),
    (
        422,
        problem(
            422,
            "- input: prompt is required\n",
            title="Input validation failed",
            invalid_fields=[{"type": "required", "field": "input", "description": "prompt is required"}],
        ),
        "The provider found the input invalid.",
        "required",
    ),
    (
        422,
        problem(422, title="Invalid version or not permitted"),
        "The provider has no such version, or does not let us use it.",
        None,
    ),
    (422, problem(422, "E4875: the webhook URL is empty"), "The provider found the input invalid.", "E4875"),
    (418, {"detail": "very-private"}, "The provider refused this request.", None),
]


@pytest.mark.parametrize(("status", "body", "sentence", "code"), REFUSALS)
async def test_a_refusal_is_told_in_our_words_with_their_code(
    replicate: Replicate, api: ApiStub, status: int, body: Any, sentence: str, code: str | None
) -> None:
    api.says(body, status=status, headers={"content-type": "application/problem+json"})
    assert await refused(replicate) == Failure(FailureCode.REJECTED, sentence, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (problem(422, "NSFW content detected."), None),
        (problem(400, "The prompt was flagged as sensitive. (E005)"), "E005"),
        (problem(422, title="Violates our Content Policy"), None),
    ],
)
async def test_moderation_is_told_apart_from_other_refusals(
    replicate: Replicate, api: ApiStub, body: Any, code: str | None
) -> None:
    api.says(body, status=body["status"])
    failure = await refused(replicate)
    assert (failure.code, failure.provider_code) == (FailureCode.CONTENT_FILTERED, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad request of r8_very-private</html>",
        b'"their words"',
        b'{"detail": "their words r8_very-private"}',
        b'{"invalid_fields": [{"type": "their words!"}]}',
        b'{"invalid_fields": [7], "title": ["their words"]}',
        b'{"invalid_fields": {"type": "required"}, "detail": {"their": "words"}}',
    ],
)
async def test_nothing_of_the_providers_text_reaches_clients(replicate: Replicate, api: ApiStub, body: bytes) -> None:
    api.says(body=body, status=400)
    assert await refused(replicate) == Failure(FailureCode.REJECTED, "The provider refused this request.", None)


@pytest.mark.parametrize(
    "trouble",
    [
        *(answer(problem(status, f"{KEY} a very private fox"), status=status) for status in (400, 429, 500)),
        httpx.ConnectError(KEY),
        httpx.ReadTimeout(KEY),
    ],
    ids=["refused", "limited", "broken", "not reached", "lost"],
)
async def test_errors_show_neither_secrets_nor_inputs(replicate: Replicate, api: ApiStub, trouble: Answer) -> None:
    api.answers(trouble)
    with pytest.raises(ProviderTrouble) as caught:
        await replicate.create(PREDICTION, CALLBACK)
    assert "private" not in repr(caught.value) + str(caught.value)


async def test_an_emulator_is_called_back_without_tls(http: httpx.AsyncClient, api: ApiStub) -> None:
    api.says(prediction_object(), status=201)
    callback = "http://127.0.0.1:8000/api/webhooks/replicate?t=x"
    await replicate_of(http, plain_http=True).create(PREDICTION, callback)
    assert api.last_body["webhook"] == callback
