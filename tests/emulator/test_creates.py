import json
from datetime import datetime

import httpx
import pytest

from tests.emulator.buying import Shop


@pytest.mark.parametrize("route", ["/v1/predictions", "/v1/predict"])
async def test_both_routes_sell(shop: Shop, route: str) -> None:
    wanted = {"model": "truefusion-pro", "input": {"prompt": "a lighthouse"}}
    reply = await shop.client.post(route, json=wanted)
    assert (reply.status_code, reply.json()["status"]) == (202, "pending")
    assert (await shop.end(reply.json()["id"]))["status"] == "succeeded"


async def test_the_prediction_has_the_fields_that_strict_clients_decode(shop: Shop) -> None:
    told = await shop.finished(input={"num_outputs": 2})
    assert told["type"] == "inference"
    assert told["model"] == {"name": "truefusion-pro", "type": "image"}
    assert (told["privacy"], told["source"], told["stream"]) == ("private", "api", False)
    assert told["webhook"] == {"url": None, "events": []}
    assert told["metrics"]["image_count"] == 2
    assert told["metadata"]["billing"]["credits_used"] == 0.06
    assert [file["url"] for file in told["metadata"]["storage"]["files"]] == told["output"]
    assert all(url.startswith(shop.emulator.url) for url in (*told["output"], *told["urls"].values()))
    moments = [datetime.fromisoformat(told[f"{name}_at"]) for name in ("created", "started", "completed")]
    assert moments == sorted(moments)


async def test_await_holds_until_the_picture_is_there(shop: Shop) -> None:
    assert (await shop.buy("truefusion-pro", **{"await": True}))["status"] == "succeeded"


async def test_await_is_ignored_for_video(shop: Shop) -> None:
    assert (await shop.buy("truefusion-video", **{"await": True}))["status"] == "pending"


async def test_edge_is_done_within_the_reply(shop: Shop) -> None:
    await shop.dialect(duration=60)
    assert (await shop.buy("truefusion-edge"))["status"] == "succeeded"


async def test_vendor_and_slug_name_the_same_model(shop: Shop) -> None:
    assert (await shop.buy("skytells/truefusion-pro"))["model"]["name"] == "truefusion-pro"


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        ({"input": {"prompt": "x"}}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion"}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion", "input": {}}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion", "input": {"prompt": "x", "colour": "red"}}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion", "input": {"prompt": "x", "number_of_images": 5}}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion-pro", "input": {"prompt": "x", "width": 4096}}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion", "input": {"prompt": "x"}, "webhook": "ftp://x"}, 422, "VALIDATION_ERROR"),
        ({"model": "truefusion", "input": {"prompt": "x"}, "webhook": "http://["}, 422, "VALIDATION_ERROR"),
        ({"model": "FLUX.2-pro", "input": {"prompt": "x", "image": "file_1"}}, 422, "VALIDATION_ERROR"),
        ({"model": "nobody", "input": {"prompt": "x"}}, 404, "MODEL_NOT_FOUND"),
        (["not", "an", "object"], 400, "INVALID_REQUEST"),
    ],
)
async def test_what_is_wrong_is_refused_and_not_sold(shop: Shop, body: object, status: int, error_id: str) -> None:
    reply = await shop.client.post("/v1/predictions", json=body)
    told = reply.json()
    assert (reply.status_code, told["status"], told["error"]["error_id"]) == (status, False, error_id)
    assert told["error"]["http_status"] == status
    assert await shop.ledger() == []


@pytest.mark.parametrize("prompt", ["\ud800", "\0", "狐🦊", "x" * 10_000])
async def test_any_prompt_is_sold_and_given_back(shop: Shop, prompt: str) -> None:
    body = json.dumps({"model": "truefusion", "input": {"prompt": prompt}, "await": True})
    reply = await shop.client.post("/v1/predictions", content=body)
    assert (reply.json()["status"], reply.json()["input"]["prompt"]) == ("succeeded", prompt)


async def test_bytes_that_are_no_json_are_refused_as_json(shop: Shop) -> None:
    reply = await shop.client.post("/v1/predictions", content=b"{")
    assert reply.status_code == 400
    assert "application/json" in reply.headers["content-type"]


def test_either_header_carries_the_key(shop: Shop) -> None:
    for headers in ({"x-api-key": shop.emulator.key}, {"Authorization": f"Bearer {shop.emulator.key}"}):
        assert httpx.get(f"{shop.emulator.api}/models", headers=headers, trust_env=False).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "sk-other"}, {"Authorization": "Bearer sk-other"}])
def test_nobody_enters_without_the_key(shop: Shop, headers: dict[str, str]) -> None:
    reply = httpx.get(f"{shop.emulator.api}/models", headers=headers, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (401, "UNAUTHORIZED")


async def test_unknown_routes_answer_in_json(shop: Shop) -> None:
    reply = await shop.client.get("/v1/nothing")
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (404, "ENDPOINT_NOT_FOUND")


async def test_both_families_of_limit_headers_come_with_success(shop: Shop) -> None:
    reply = await shop.order()
    assert reply.headers["x-skytells-ratelimit-limit-requests"] == "600"
    assert int(reply.headers["X-RateLimit-Remaining-RPM"]) == 599
    assert int(reply.headers["X-RateLimit-Reset"]) > 0


async def test_a_limit_holds_per_model_and_says_when_to_return(shop: Shop) -> None:
    await shop.dialect(rate_limit=2)
    replies = [await shop.order() for _ in range(3)]
    assert [reply.status_code for reply in replies] == [202, 202, 429]
    assert replies[2].json()["error"]["error_id"] == "RATE_LIMIT_EXCEEDED"
    assert 1 <= int(replies[2].headers["Retry-After"]) <= 60
    assert (await shop.order("truefusion")).status_code == 202


async def test_the_ledger_lists_what_was_sold(shop: Shop) -> None:
    told = await shop.finished(webhook="http://127.0.0.1:9/hook")
    [row] = await shop.ledger()
    assert row == {
        "id": told["id"],
        "model": "truefusion-pro",
        "created_at": told["created_at"],
        "status": "succeeded",
        "completed_at": told["completed_at"],
        "credits_used": 0.03,
        "webhook": "http://127.0.0.1:9/hook",
        "client_ip": "127.0.0.1",
    }


async def test_failures_cost_nothing(shop: Shop) -> None:
    await shop.faults(nsfw=1)
    told = await shop.finished()
    assert (told["status"], told["output"]) == ("failed", None)
    assert told["error"] == told["response"] == "NSFW content detected."
    assert told["metadata"]["billing"]["credits_used"] == 0


async def test_every_model_delivers(shop: Shop) -> None:
    models = (await shop.client.get("/v1/models")).json()
    bought = [await shop.buy(model["namespace"]) for model in models]
    ends = [await shop.end(one["id"]) for one in bought]
    assert {one["status"] for one in ends} == {"succeeded"}, json.dumps(ends)
