from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.ports import ProviderRefused, ProviderTrouble, Unavailable, Unsure
from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState
from app.providers.skytells import Skytells
from app.providers.skytells.callbacks import WebhookForm
from tests.domain.life import new_prediction
from tests.providers.skytells.samples import (
    BASE,
    CALLBACK,
    ERROR_SHAPES,
    KEY,
    OUTPUT,
    error_a,
    error_c,
    prediction_object,
    skytells_of,
)
from tests.providers.stub import Answer, ApiStub, answer

PREDICTION = new_prediction()


async def refused(skytells: Skytells) -> Failure:
    with pytest.raises(ProviderRefused) as caught:
        await skytells.create(PREDICTION, CALLBACK)
    return caught.value.failure


async def test_a_create_is_one_documented_request(skytells: Skytells, api: ApiStub) -> None:
    api.says(prediction_object(status="pending", output=None))
    await skytells.create(PREDICTION, CALLBACK)
    [request] = api.requests
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/predictions")
    assert api.last_body == {
        "model": "truefusion-pro",
        "input": {"prompt": "a very private fox"},
        "await": False,
        "webhook": CALLBACK,
    }


async def test_the_key_travels_in_its_own_header_alone(skytells: Skytells, api: ApiStub) -> None:
    api.says(prediction_object())
    await skytells.create(PREDICTION, CALLBACK)
    headers = api.last.headers
    assert headers["x-api-key"] == KEY
    assert headers["content-type"] == "application/json"
    assert "authorization" not in headers
    assert [name for name, value in headers.items() if KEY in value] == ["x-api-key"]
    assert KEY not in str(api.last.url) and KEY.encode() not in api.last.content


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("string", {"webhook": CALLBACK}),
        ("object", {"webhook": {"url": CALLBACK, "events": ["completed", "failed", "canceled", "started"]}}),
        (
            "object-prediction",
            {
                "webhook": {
                    "url": CALLBACK,
                    "events": [
                        "prediction.started",
                        "prediction.succeeded",
                        "prediction.failed",
                        "prediction.cancelled",
                    ],
                }
            },
        ),
        ("string-filter", {"webhook": CALLBACK, "webhook_events_filter": ["start", "completed"]}),
    ],
)
async def test_the_webhook_is_named_in_the_dialect_that_is_set(
    http: httpx.AsyncClient, api: ApiStub, form: WebhookForm, fields: dict[str, Any]
) -> None:
    api.says(prediction_object())
    await skytells_of(http, form=form).create(PREDICTION, CALLBACK)
    assert {name: value for name, value in api.last_body.items() if name.startswith("webhook")} == fields
    assert set(api.last_body) == {"model", "input", "await", *fields}


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_any_success_with_an_id_is_a_purchase(skytells: Skytells, api: ApiStub, status: int) -> None:
    api.says(prediction_object(status="pending", output=None), status=status)
    report = await skytells.create(PREDICTION, CALLBACK)
    assert (report.provider_id, report.state) == (prediction_object()["id"], ProviderState.QUEUED)


async def test_a_reply_may_already_tell_the_end(skytells: Skytells, api: ApiStub) -> None:
    api.says(prediction_object())
    report = await skytells.create(PREDICTION, CALLBACK)
    assert (report.state, report.outputs, report.billed) == (ProviderState.SUCCEEDED, (OUTPUT,), Decimal("0.03"))


async def test_a_prediction_that_failed_at_once_was_bought_all_the_same(skytells: Skytells, api: ApiStub) -> None:
    api.says(prediction_object(status="failed", output=None, error="NSFW content detected."))
    report = await skytells.create(PREDICTION, CALLBACK)
    assert report.state is ProviderState.FAILED
    assert report.failure is not None and report.failure.code is FailureCode.CONTENT_FILTERED


async def test_status_false_with_an_id_is_a_queued_job(skytells: Skytells, api: ApiStub) -> None:
    api.says({"status": False, "id": "pred_1", "response": "Queued."})
    report = await skytells.create(PREDICTION, CALLBACK)
    assert (report.provider_id, report.state) == ("pred_1", ProviderState.QUEUED)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("7", timedelta(seconds=7)),
        ("1.5", timedelta(seconds=1.5)),
        ("0", timedelta()),
        ("86400", timedelta(minutes=1)),
        ("inf", timedelta(minutes=1)),
        ("1e999", timedelta(minutes=1)),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
async def test_a_create_that_was_put_off_says_until_when(
    skytells: Skytells, api: ApiStub, status: int, header: str | None, pause: timedelta | None
) -> None:
    api.says(
        error_a(status, "RATE_LIMIT_EXCEEDED"),
        status=status,
        headers={} if header is None else {"retry-after": header},
    )
    with pytest.raises(Unavailable) as caught:
        await skytells.create(PREDICTION, CALLBACK)
    assert caught.value.retry_after == pause


@pytest.mark.parametrize("inner", [429, 503])
async def test_a_limit_in_a_200_is_a_limit(skytells: Skytells, api: ApiStub, inner: int) -> None:
    api.says(error_a(inner, "RATE_LIMITED"), headers={"retry-after": "3"})
    with pytest.raises(Unavailable) as caught:
        await skytells.create(PREDICTION, CALLBACK)
    assert caught.value.retry_after == timedelta(seconds=3)


MEANINGLESS_BODIES = {
    "a gateway's page": b"<html><h1>200 OK</h1></html>",
    "nothing": b"",
    "an array": b"[]",
    "an array of predictions": b'[{"id": "pred_1", "status": "succeeded"}]',
    "null": b"null",
    "true": b"true",
    "a text": b'"pred_1"',
    "an empty object": b"{}",
    "cut in the middle": b'{"id": "pred_1", "sta',
    "no UTF-8": b'{"id": "\xff"}',
    "no id": b'{"status": "pending"}',
    "an empty id": b'{"id": "", "status": "pending"}',
    "a number for an id": b'{"id": 7, "status": "pending"}',
    "status false without an id": b'{"status": false, "response": "Something happened."}',
    "bottomless": b"[" * 100_000,
    "more than we read": b'{"id": "' + b"x" * (8 * 2**20) + b'"}',
}


@pytest.mark.parametrize("body", MEANINGLESS_BODIES.values(), ids=MEANINGLESS_BODIES.keys())
async def test_a_success_that_makes_no_sense_may_be_a_purchase(skytells: Skytells, api: ApiStub, body: bytes) -> None:
    api.says(body=body)
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 499, 500, 502, 504, 520, 599])
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"error": {"error_id": "INTERNAL_ERROR"}}'])
async def test_a_create_that_broke_on_its_way_may_be_a_purchase(
    skytells: Skytells, api: ApiStub, status: int, body: bytes
) -> None:
    api.says(body=body, status=status)
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)
    assert len(api.requests) == 1


@pytest.mark.parametrize("error_id", ["PREDICTION_FAILED", "INFERENCE_ERROR"])
async def test_a_create_answered_502_may_be_a_purchase_whatever_it_says(
    skytells: Skytells, api: ApiStub, error_id: str
) -> None:
    api.says(error_a(502, error_id), status=502)
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)


async def test_a_refusal_inside_of_a_server_error_is_not_believed(skytells: Skytells, api: ApiStub) -> None:
    api.says(error_a(402, "INSUFFICIENT_CREDITS"), status=502)
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)


REFUSALS = [
    (400, "INVALID_PARAMETER", "The provider refused this request."),
    (401, "UNAUTHORIZED", "The provider does not accept our API key."),
    (402, "INSUFFICIENT_CREDITS", "Our account with the provider has too few credits."),
    (403, "FORBIDDEN", "The provider does not allow our account this request."),
    (404, "MODEL_NOT_FOUND", "The provider has no such model."),
    (422, "VALIDATION_ERROR", "The provider found the input invalid."),
    (418, "TEAPOT", "The provider refused this request."),
]


@pytest.mark.parametrize("shape", ERROR_SHAPES)
@pytest.mark.parametrize(("status", "error_id", "sentence"), REFUSALS)
async def test_a_refusal_is_told_in_our_words_with_their_code(
    skytells: Skytells, api: ApiStub, shape: Any, status: int, error_id: str, sentence: str
) -> None:
    api.says(shape(status, error_id), status=status)
    assert await refused(skytells) == Failure(FailureCode.REJECTED, sentence, error_id)


@pytest.mark.parametrize(("status", "error_id", "sentence"), REFUSALS)
async def test_a_refusal_in_a_200_is_a_refusal(
    skytells: Skytells, api: ApiStub, status: int, error_id: str, sentence: str
) -> None:
    api.says(error_a(status, error_id))
    assert await refused(skytells) == Failure(FailureCode.REJECTED, sentence, error_id)


@pytest.mark.parametrize("shape", ERROR_SHAPES)
@pytest.mark.parametrize(
    ("status", "error_id", "message"),
    [
        (451, "CONTENT_POLICY_VIOLATION", "No."),
        (451, "SOMETHING_NEW", "No."),
        (502, "CONTENT_POLICY_VIOLATION", "No."),
        (403, "SECURITY_VIOLATION", "No."),
        (422, "INVALID_INPUT", "NSFW content detected."),
        (400, "INVALID_REQUEST", "This violates our Content Policy."),
    ],
)
async def test_moderation_is_told_apart_from_other_refusals(
    skytells: Skytells, api: ApiStub, shape: Any, status: int, error_id: str, message: str
) -> None:
    api.says(shape(status, error_id, message), status=status)
    failure = await refused(skytells)
    assert (failure.code, failure.provider_code) == (FailureCode.CONTENT_FILTERED, error_id)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad request of sk-very-private</html>",
        b'"their words sk-very-private"',
        b'{"error": "their words sk-very-private"}',
        b'{"error_message": "their words sk-very-private"}',
        b'{"error": {"error_id": "their words sk-very-private", "message": ["their words"]}}',
        b'{"error": {"error_id": {"their": "words"}, "details": {"their": "words"}}}',
        b'{"error": {"http_status": "402", "error_id": "A\\u0000B"}}',
        b'{"error": {"http_status": true, "status": 1e309}}',
        b'{"error": [], "error_id": "' + b"X" * 65 + b'"}',
    ],
)
async def test_nothing_of_the_providers_text_reaches_clients(skytells: Skytells, api: ApiStub, body: bytes) -> None:
    api.says(body=body, status=400)
    assert await refused(skytells) == Failure(FailureCode.REJECTED, "The provider refused this request.", None)


@pytest.mark.parametrize(
    "trouble",
    [
        *(answer(error_c(status, "BAD", f"{KEY} a very private fox"), status=status) for status in (400, 429, 500)),
        httpx.ConnectError(KEY),
        httpx.ReadTimeout(KEY),
    ],
    ids=["refused", "limited", "broken", "not reached", "lost"],
)
async def test_errors_show_neither_secrets_nor_inputs(skytells: Skytells, api: ApiStub, trouble: Answer) -> None:
    api.answers(trouble)
    with pytest.raises(ProviderTrouble) as caught:
        await skytells.create(PREDICTION, CALLBACK)
    assert "private" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_a_create_that_never_left_is_tried_again(
    skytells: Skytells, api: ApiStub, error: type[httpx.TransportError]
) -> None:
    api.answers(error("no"))
    with pytest.raises(Unavailable):
        await skytells.create(PREDICTION, CALLBACK)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.WriteTimeout,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
        httpx.ProxyError,
    ],
)
async def test_a_create_whose_reply_is_lost_may_be_a_purchase(
    skytells: Skytells, api: ApiStub, error: type[httpx.TransportError]
) -> None:
    api.answers(error("no"))
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)
    assert len(api.requests) == 1


async def test_a_redirect_is_not_followed_so_that_the_key_goes_nowhere_else(skytells: Skytells, api: ApiStub) -> None:
    api.says(status=307, headers={"location": "https://elsewhere.example/v1/predictions"})
    with pytest.raises(Unsure):
        await skytells.create(PREDICTION, CALLBACK)
    assert [request.url.host for request in api.requests] == ["api.skytells.example"]
