from datetime import timedelta

import httpx
import pytest

from app.domain.ports import NotKnown, Unavailable
from app.providers.skytells import Skytells
from tests.providers.skytells.samples import BASE, KEY, MODEL, error_a, prediction_object
from tests.providers.stub import ApiStub


async def test_a_cancel_is_one_documented_request(skytells: Skytells, api: ApiStub) -> None:
    api.says({"success": True})
    await skytells.cancel("pred/1", MODEL)
    [request] = api.requests
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/predictions/pred%2F1/cancel")
    assert (request.content, request.headers["content-length"]) == (b"", "0")
    assert request.headers["x-api-key"] == KEY


@pytest.mark.parametrize("status", [200, 202, 204, 302, 400, 403, 409, 422])
async def test_what_it_answers_is_for_the_next_look_to_judge(skytells: Skytells, api: ApiStub, status: int) -> None:
    for body in (b"", b"<html>", b"[" * 100_000):
        api.says(status=status, body=body)
        await skytells.cancel("pred_1", MODEL)
    api.says(prediction_object(), status=status)
    await skytells.cancel("pred_1", MODEL)


async def test_an_unknown_id_is_not_known(skytells: Skytells, api: ApiStub) -> None:
    api.says(error_a(404, "PREDICTION_NOT_FOUND"), status=404)
    with pytest.raises(NotKnown):
        await skytells.cancel("pred_1", MODEL)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_an_outage_is_tried_again(skytells: Skytells, api: ApiStub, status: int) -> None:
    api.says(status=status, headers={"retry-after": "9"})
    with pytest.raises(Unavailable) as caught:
        await skytells.cancel("pred_1", MODEL)
    assert caught.value.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_a_lost_reply_is_tried_again(skytells: Skytells, api: ApiStub, error: type[httpx.TransportError]) -> None:
    api.answers(error("no"))
    with pytest.raises(Unavailable):
        await skytells.cancel("pred_1", MODEL)
