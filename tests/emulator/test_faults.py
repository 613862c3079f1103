from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.emulator.faults import KNOWN, Faults
from tests.emulator.buying import Shop


async def test_the_set_is_replaced_as_a_whole(shop: Shop) -> None:
    assert (await shop.client.get("/_faults")).json() == {
        "faults": {},
        "known": {name: fault.meaning for name, fault in KNOWN.items()},
    }
    await shop.faults(duplicate=0.2, drop=0.1)
    await shop.faults(reply_cut={"share": 0.05})
    assert (await shop.client.get("/_faults")).json()["faults"] == {"reply_cut": {"share": 0.05}}
    await shop.faults()
    assert (await shop.client.get("/_faults")).json()["faults"] == {}


@pytest.mark.parametrize(
    "wish",
    [
        {"gremlins": 1},
        {"drop": 2},
        {"drop": -0.1},
        {"drop": True},
        {"drop": "often"},
        {"drop": {"share": 1, "seconds": 3}},
        {"delay": {"share": 1, "seconds": "long"}},
        ["drop"],
    ],
)
async def test_what_is_unknown_is_refused_with_what_is_known(shop: Shop, wish: Any) -> None:
    await shop.faults(drop=0.5)
    reply = await shop.client.post("/_faults", json=wish)
    assert reply.status_code == 422
    assert reply.json()["known"] == sorted(KNOWN)
    assert (await shop.client.get("/_faults")).json()["faults"] == {"drop": 0.5}


@given(st.sampled_from(sorted(KNOWN)), st.integers(0, 2**32), st.floats(0.05, 0.95))
def test_a_share_is_a_share_and_the_same_one_for_a_seed(name: str, seed: int, share: float) -> None:
    def story() -> list[bool]:
        faults = Faults()
        faults.seed = seed
        faults.replace({name: share})
        return [faults.hit(name, ordinal, str(ordinal)) is not None for ordinal in range(400)]

    first = story()
    assert first == story()
    assert abs(sum(first) / 400 - share) < 0.15


@pytest.mark.parametrize(
    ("fault", "status", "error_id"),
    [
        ("refuse_429", 429, "RATE_LIMIT_EXCEEDED"),
        ("refuse_503", 503, "SERVICE_UNAVAILABLE"),
        ("content_policy", 451, "CONTENT_POLICY_VIOLATION"),
        ("insufficient_credits", 402, "INSUFFICIENT_CREDITS"),
    ],
)
async def test_refusals_sell_nothing(shop: Shop, fault: str, status: int, error_id: str) -> None:
    await shop.faults(**{fault: 1})
    reply = await shop.order()
    assert (reply.status_code, reply.json()["error"]["error_id"]) == (status, error_id)
    assert ("Retry-After" in reply.headers) == (status in (429, 503))
    assert await shop.ledger() == []


async def test_a_refusal_can_be_given_only_once(shop: Shop) -> None:
    await shop.faults(refuse_429={"share": 1, "times": 1, "seconds": 7})
    first, second = await shop.order(), await shop.order()
    assert (first.status_code, first.headers["Retry-After"], second.status_code) == (429, "7", 202)


@pytest.mark.parametrize(("fault", "status"), [("reply_500", 500), ("reply_502", 502), ("reply_garbage", 200)])
async def test_wrong_replies_sell_all_the_same(shop: Shop, fault: str, status: int) -> None:
    await shop.faults(**{fault: 1})
    reply = await shop.order()
    assert reply.status_code == status
    [sold] = await shop.ledger()
    assert sold["id"] not in reply.text
    assert (await shop.end(sold["id"]))["status"] == "succeeded"


async def test_a_cut_reply_is_no_reply(shop: Shop) -> None:
    await shop.faults(reply_cut=1)
    with pytest.raises(httpx.TransportError):
        await shop.order()
    assert len(await shop.ledger()) == 1


async def test_status_false_still_carries_the_id(shop: Shop) -> None:
    await shop.faults(reply_false=1)
    reply = await shop.order()
    [sold] = await shop.ledger()
    assert (reply.status_code, reply.json()["status"], reply.json()["id"]) == (200, False, sold["id"])


async def test_a_slow_create_accepts_even_when_nobody_waits(shop: Shop) -> None:
    await shop.faults(slow_create={"share": 1, "seconds": 0.3})
    with pytest.raises(httpx.ReadTimeout):
        await shop.client.post("/v1/predictions", json={"model": "truefusion", "input": {"prompt": "x"}}, timeout=0.1)
    assert await shop.ledger() == []
    await shop.faults()
    await shop.buy()
    assert await _sold(shop, 2)


async def _sold(shop: Shop, count: int) -> bool:
    from tests.emulator.waiting import until

    async def enough() -> bool:
        return len(await shop.ledger()) == count

    return bool(await until(enough))


@pytest.mark.parametrize(("fault", "status"), [("get_404", 404), ("get_429", 429), ("get_500", 500), ("get_502", 502)])
async def test_reads_fail_once(shop: Shop, fault: str, status: int) -> None:
    id_ = (await shop.finished())["id"]
    await shop.faults(**{fault: 1})
    first, second = [await shop.client.get(f"/v1/predictions/{id_}") for _ in range(2)]
    assert (first.status_code, second.status_code) == (status, 200)


@pytest.mark.parametrize(("fault", "status"), [("list_429", 429), ("list_502", 502)])
async def test_the_list_fails_once(shop: Shop, fault: str, status: int) -> None:
    await shop.faults(**{fault: 1})
    first, second = [await shop.client.get("/v1/predictions") for _ in range(2)]
    assert (first.status_code, second.status_code) == (status, 200)


@pytest.mark.parametrize("value", ["negative", "nan", "huge", "none", "text"])
async def test_absurd_costs_are_told_and_true_ones_kept(shop: Shop, value: str) -> None:
    await shop.faults(absurd_cost={"share": 1, "value": value})
    cost = (await shop.finished())["metadata"]["billing"]["credits_used"]
    assert cost != 0.03
    assert (await shop.ledger())[0]["credits_used"] == 0.03


async def test_an_ignored_cancel_is_confirmed_and_the_job_succeeds(shop: Shop) -> None:
    await shop.faults(cancel_ignored=1)
    told = await shop.buy()
    assert (await shop.client.post(told["urls"]["cancel"])).json()["success"] is True
    assert (await shop.end(told["id"]))["status"] == "succeeded"


async def test_an_endless_job_ends_when_the_fault_does(shop: Shop) -> None:
    await shop.faults(never_finish=1)
    await shop.dialect(duration=0)
    id_ = (await shop.buy())["id"]
    other = await shop.client.get("/_health")
    assert other.json()["running"] == 1
    await shop.faults()
    assert (await shop.end(id_))["status"] == "succeeded"


async def test_a_late_start_is_late(shop: Shop) -> None:
    await shop.faults(late_start={"share": 1, "seconds": 0.4})
    told = await shop.finished()
    assert told["metrics"]["total_time"] >= 0.4
