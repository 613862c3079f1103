from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.ports import NotKnown, Unavailable
from app.domain.prediction import FailureCode
from app.domain.report import ProviderState
from app.providers.skytells import Skytells
from tests.providers.skytells.samples import BASE, ERROR_SHAPES, KEY, MODEL, error_a, prediction_object
from tests.providers.stub import ApiStub


async def test_a_look_is_one_documented_request(skytells: Skytells, api: ApiStub) -> None:
    api.says(prediction_object(id="pred_1"))
    report = await skytells.fetch("pred_1", MODEL)
    assert (report.provider_id, report.state) == ("pred_1", ProviderState.SUCCEEDED)
    assert (api.last.method, str(api.last.url), api.last.content) == ("GET", f"{BASE}/predictions/pred_1", b"")
    assert api.last.headers["x-api-key"] == KEY
    assert "authorization" not in api.last.headers


@pytest.mark.parametrize(
    ("provider_id", "path"),
    [
        ("a/b", "a%2Fb"),
        ("../models", "..%2Fmodels"),
        ("a?page=1", "a%3Fpage%3D1"),
        ("a#b", "a%23b"),
        ("a b", "a%20b"),
        ("a%2Fb", "a%252Fb"),
    ],
)
async def test_an_id_stays_within_its_place_in_the_path(
    skytells: Skytells, api: ApiStub, provider_id: str, path: str
) -> None:
    api.says(prediction_object())
    await skytells.fetch(provider_id, MODEL)
    assert api.last.url.raw_path.decode() == f"/v1/predictions/{path}"


@pytest.mark.parametrize("status", [200, 422, 500, 502])
@pytest.mark.parametrize("shape", ERROR_SHAPES)
async def test_a_prediction_failed_is_its_end_and_no_outage(
    skytells: Skytells, api: ApiStub, shape: Any, status: int
) -> None:
    api.says(shape(502, "PREDICTION_FAILED", "Input resolution too high."), status=status)
    report = await skytells.fetch("pred_1", MODEL)
    assert (report.provider_id, report.state) == ("pred_1", ProviderState.FAILED)
    assert report.failure is not None
    assert report.failure.code is FailureCode.PROVIDER_FAILED
    assert report.failure.message == "The provider found the input's resolution too high."
    assert report.failure.provider_code == "PREDICTION_FAILED"


async def test_a_prediction_that_moderation_failed_says_so(skytells: Skytells, api: ApiStub) -> None:
    api.says(error_a(502, "PREDICTION_FAILED", "NSFW content detected."), status=502)
    report = await skytells.fetch("pred_1", MODEL)
    assert report.failure is not None and report.failure.code is FailureCode.CONTENT_FILTERED


@pytest.mark.parametrize("details", ["NSFW content detected.", {"reason": "Content policy"}])
async def test_a_verdict_may_stand_in_the_details(skytells: Skytells, api: ApiStub, details: Any) -> None:
    api.says(error_a(502, "PREDICTION_FAILED", "Prediction failed.", details=details), status=502)
    report = await skytells.fetch("pred_1", MODEL)
    assert report.failure is not None and report.failure.code is FailureCode.CONTENT_FILTERED


@pytest.mark.parametrize("shape", ERROR_SHAPES)
@pytest.mark.parametrize(
    ("status", "error_id"), [(451, "CONTENT_POLICY_VIOLATION"), (451, "NEW"), (502, "CONTENT_POLICY_VIOLATION")]
)
async def test_moderation_s_word_is_the_end_by_any_status(
    skytells: Skytells, api: ApiStub, shape: Any, status: int, error_id: str
) -> None:
    api.says(shape(status, error_id), status=status)
    report = await skytells.fetch("pred_1", MODEL)
    assert (report.provider_id, report.state) == ("pred_1", ProviderState.FAILED)
    assert report.failure is not None
    assert (report.failure.code, report.failure.provider_code) == (FailureCode.CONTENT_FILTERED, error_id)


@pytest.mark.parametrize("shape", ERROR_SHAPES)
@pytest.mark.parametrize("status", [404, 502])
async def test_an_unknown_id_is_not_known_by_either_status(
    skytells: Skytells, api: ApiStub, shape: Any, status: int
) -> None:
    api.says(shape(status, "PREDICTION_NOT_FOUND"), status=status)
    with pytest.raises(NotKnown):
        await skytells.fetch("pred_1", MODEL)


async def test_a_404_without_a_word_is_not_known_either(skytells: Skytells, api: ApiStub) -> None:
    api.says(body=b"Not found", status=404)
    with pytest.raises(NotKnown):
        await skytells.fetch("pred_1", MODEL)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (502, b"<html><h1>502 Bad Gateway</h1></html>"),
        (502, b""),
        (502, b'{"error": {"message": "no id"}}'),
        (500, b"{}"),
        (503, b""),
        (504, b""),
        (429, b"{}"),
        (401, b'{"error": {"error_id": "UNAUTHORIZED"}}'),
        (403, b""),
        (301, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"status": false}'),
        (200, b'{"id": ""}'),
        (200, b"[" * 100_000),
    ],
)
async def test_anything_else_is_an_outage_that_ends_nothing(
    skytells: Skytells, api: ApiStub, status: int, body: bytes
) -> None:
    api.says(body=body, status=status, headers={"retry-after": "9"})
    with pytest.raises(Unavailable) as caught:
        await skytells.fetch("pred_1", MODEL)
    assert caught.value.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ],
)
@pytest.mark.parametrize("call", ["fetch", "models"])
async def test_a_read_that_failed_can_be_repeated(
    skytells: Skytells, api: ApiStub, error: type[httpx.TransportError], call: str
) -> None:
    api.answers(error("no"))
    with pytest.raises(Unavailable):
        await (skytells.models() if call == "models" else skytells.fetch("pred_1", MODEL))


async def test_a_redirect_is_not_followed(skytells: Skytells, api: ApiStub) -> None:
    api.says(status=302, headers={"location": "https://elsewhere.example/"})
    with pytest.raises(Unavailable):
        await skytells.fetch("pred_1", MODEL)
    assert [request.url.host for request in api.requests] == ["api.skytells.example"]
