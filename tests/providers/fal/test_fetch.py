"""A look: the status, and at the end the result, which alone tells a success from a failure."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from app.domain.ports import NotKnown, Unavailable
from app.domain.prediction import FailureCode
from app.domain.report import ProviderState, Report
from app.providers.fal import Fal
from tests.providers.fal.samples import ID, KEY, MODEL, OUTPUT, QUEUE, infrastructure_error, output, validation_error
from tests.providers.stub import ApiStub, answer

COMPLETED = {"status": "COMPLETED", "logs": [], "metrics": {"inference_time": 3.4}}


async def ended(fal: Fal, api: ApiStub, result: httpx.Response, **status: Any) -> Report:
    api.answers(answer(COMPLETED | status), result)
    return await fal.fetch(ID, MODEL)


@pytest.mark.parametrize(
    ("status", "word", "state"),
    [
        (202, "IN_QUEUE", ProviderState.QUEUED),
        (202, "IN_PROGRESS", ProviderState.RUNNING),
        (200, "IN_QUEUE", ProviderState.QUEUED),
        (202, "PAUSED_FOR_TEA", ProviderState.QUEUED),
    ],
)
async def test_what_is_not_at_its_end_costs_one_documented_request(
    fal: Fal, api: ApiStub, status: int, word: str, state: ProviderState
) -> None:
    api.says({"status": word, "queue_position": 2}, status=status)
    assert await fal.fetch(ID, MODEL) == Report(ID, state)
    [request] = api.requests
    assert (request.method, str(request.url)) == ("GET", f"{QUEUE}/fal-ai/flux/requests/{ID}/status")
    assert request.headers["authorization"] == f"Key {KEY}"


async def test_what_has_completed_is_read_from_its_result(fal: Fal, api: ApiStub) -> None:
    report = await ended(fal, api, answer(output()))
    assert report == Report(ID, ProviderState.SUCCEEDED, (OUTPUT,), predict_time=3.4)
    assert [str(request.url) for request in api.requests] == [
        f"{QUEUE}/fal-ai/flux/requests/{ID}/status",
        f"{QUEUE}/fal-ai/flux/requests/{ID}",
    ]


@pytest.mark.parametrize(
    ("model", "app"),
    [
        ("fal-ai/flux/dev", "fal-ai/flux"),
        ("fal-ai/kling-video/v2.1/master/text-to-video", "fal-ai/kling-video"),
        ("fal-ai/veo3", "fal-ai/veo3"),
        ("workflows/someone/app/path", "workflows/someone/app"),
        ("comfy/someone/app", "comfy/someone/app"),
    ],
)
async def test_requests_live_below_the_app_and_not_the_whole_endpoint(
    fal: Fal, api: ApiStub, model: str, app: str
) -> None:
    api.says({"status": "IN_QUEUE"}, status=202)
    await fal.fetch(ID, model)
    assert api.last.url.path == f"/{app}/requests/{ID}/status"


@pytest.mark.parametrize(("given", "path"), [("a/b", "a%2Fb"), ("../x", "..%2Fx"), ("a?b#c", "a%3Fb%23c")])
async def test_an_id_stays_within_its_place_in_the_path(fal: Fal, api: ApiStub, given: str, path: str) -> None:
    api.says({"status": "IN_QUEUE"}, status=202)
    await fal.fetch(given, MODEL)
    assert api.last.url.raw_path.decode() == f"/fal-ai/flux/requests/{path}/status"


@pytest.mark.parametrize("call", ["fetch", "cancel"])
async def test_no_path_is_made_of_dots(fal: Fal, api: ApiStub, call: str) -> None:
    with pytest.raises(NotKnown):
        await getattr(fal, call)(ID, "fal-ai/../x")
    assert api.requests == []


FAILURES: list[tuple[int, Any, FailureCode, str, str | None]] = [
    (422, validation_error(), FailureCode.REJECTED, "The provider found the input invalid.", "value_error.missing"),
    (400, {"detail": "bad"}, FailureCode.REJECTED, "The provider found the input invalid.", None),
    (
        422,
        validation_error("content_policy_violation"),
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        "content_policy_violation",
    ),
    (
        422,
        validation_error("no_media_generated"),
        FailureCode.PROVIDER_FAILED,
        "The model made nothing of this input.",
        "no_media_generated",
    ),
    (
        504,
        infrastructure_error("request_timeout"),
        FailureCode.PROVIDER_FAILED,
        "The provider did not make it in its own time.",
        "request_timeout",
    ),
    (
        503,
        infrastructure_error("runner_disconnected"),
        FailureCode.PROVIDER_FAILED,
        "The provider failed to make it.",
        "runner_disconnected",
    ),
    (
        500,
        infrastructure_error("internal_error"),
        FailureCode.PROVIDER_FAILED,
        "The provider failed to make it.",
        "internal_error",
    ),
]


@pytest.mark.parametrize(("status", "data", "code", "sentence", "provider_code"), FAILURES)
async def test_completed_may_hide_a_failure(
    fal: Fal, api: ApiStub, status: int, data: Any, code: FailureCode, sentence: str, provider_code: str | None
) -> None:
    report = await ended(fal, api, answer(data, status=status))
    assert (report.state, report.provider_id) == (ProviderState.FAILED, ID)
    assert report.failure is not None
    assert (report.failure.code, report.failure.message) == (code, sentence)
    assert report.failure.provider_code == provider_code


@pytest.mark.parametrize("data", [validation_error(), {"detail": "no"}, {"error": "no"}, infrastructure_error("x")])
async def test_a_success_may_hide_a_failure_too(fal: Fal, api: ApiStub, data: Any) -> None:
    assert (await ended(fal, api, answer(data))).state is ProviderState.FAILED


@pytest.mark.parametrize("status", [200, 401, 403, 404, 422, 500, 502, 503])
async def test_an_error_in_the_status_is_the_end_whatever_the_result_answers(
    fal: Fal, api: ApiStub, status: int
) -> None:
    result = answer(body=b"<html>" if status != 200 else b"{}", status=status)
    report = await ended(fal, api, result, error="Runner died", error_type="runner_server_error")
    assert report.state is ProviderState.FAILED
    assert report.failure is not None and report.failure.provider_code == "runner_server_error"


async def test_files_count_more_than_an_error_beside_them(fal: Fal, api: ApiStub) -> None:
    report = await ended(fal, api, answer(output()), error="a late complaint")
    assert (report.state, report.outputs, report.failure) == (ProviderState.SUCCEEDED, (OUTPUT,), None)


@pytest.mark.parametrize("status", [400, 499, 500])
async def test_what_was_canceled_at_our_wish_is_canceled(fal: Fal, api: ApiStub, status: int) -> None:
    report = await ended(fal, api, answer(infrastructure_error("client_cancelled"), status=status))
    assert report == Report(ID, ProviderState.CANCELED, predict_time=3.4)


async def test_a_result_that_is_not_there_yet_ends_nothing(fal: Fal, api: ApiStub) -> None:
    report = await ended(fal, api, answer({"detail": "Request is still in progress"}, status=400))
    assert report == Report(ID, ProviderState.RUNNING)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[" * 100_000),
        (302, b""),
        (401, b'{"detail": "key"}'),
        (403, b'{"detail": "no"}'),
        (408, b'{"detail": "late"}'),
        (429, b'{"detail": "slow", "error_type": "concurrent_requests_limit"}'),
        (500, b"oops"),
        (502, b"<html>"),
        (503, b'{"detail": "no type"}'),
    ],
)
async def test_a_result_that_could_not_be_had_ends_nothing(fal: Fal, api: ApiStub, status: int, body: bytes) -> None:
    with pytest.raises(Unavailable) as caught:
        await ended(fal, api, answer(body=body, status=status, headers={"retry-after": "9"}))
    assert caught.value.retry_after == timedelta(seconds=9)


async def test_our_own_limit_does_not_end_what_is_known_to_have_failed(fal: Fal, api: ApiStub) -> None:
    with pytest.raises(Unavailable):
        await ended(fal, api, answer(status=429), error="Runner died")


async def test_a_result_that_is_gone_is_not_known(fal: Fal, api: ApiStub) -> None:
    with pytest.raises(NotKnown):
        await ended(fal, api, answer({"detail": "Not found"}, status=404))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"status": 7}', b'{"status": null}', b"<html>"])
async def test_a_status_that_is_none_is_an_outage(fal: Fal, api: ApiStub, body: bytes) -> None:
    api.says(body=body)
    with pytest.raises(Unavailable):
        await fal.fetch(ID, MODEL)


@pytest.mark.parametrize(
    ("units", "billed"),
    [
        ("1", Decimal("0.025")),
        ("2.5", Decimal("0.0625")),
        ("0", Decimal(0)),
        (None, None),
        ("", None),
        ("many", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e9", None),
    ],
)
async def test_counted_units_become_money_at_the_models_price(
    fal: Fal, api: ApiStub, units: str | None, billed: Decimal | None
) -> None:
    headers = {} if units is None else {"X-Fal-Billable-Units": units}
    assert (await ended(fal, api, answer(output(), headers=headers))).billed == billed


async def test_units_of_a_model_without_a_price_are_no_bill(fal: Fal, api: ApiStub) -> None:
    api.answers(answer(COMPLETED), answer(output(), headers={"x-fal-billable-units": "1"}))
    assert (await fal.fetch(ID, "fal-ai/unknown")).billed is None


@pytest.mark.parametrize(
    "metrics", [None, [], 3, {}, {"inference_time": "3"}, {"inference_time": -1}, {"inference_time": True}]
)
async def test_a_time_that_makes_no_sense_is_none(fal: Fal, api: ApiStub, metrics: Any) -> None:
    assert (await ended(fal, api, answer(output()), metrics=metrics)).predict_time is None


async def test_a_failure_may_have_cost_something(fal: Fal, api: ApiStub) -> None:
    result = answer(validation_error(), status=422, headers={"x-fal-billable-units": "1"})
    report = await ended(fal, api, result)
    assert (report.state, report.billed) == (ProviderState.FAILED, Decimal("0.025"))


@pytest.mark.parametrize("data", [{}, {"text": "a fox"}, {"error": ""}, {"detail": None}, {"error": None}, [], 7])
async def test_an_output_of_data_alone_has_no_files_and_is_no_failure(fal: Fal, api: ApiStub, data: Any) -> None:
    assert await ended(fal, api, answer(data)) == Report(ID, ProviderState.SUCCEEDED, predict_time=3.4)
