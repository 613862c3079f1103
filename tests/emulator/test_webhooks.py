import asyncio
import hashlib
import hmac
import time
from typing import Any

import pytest

from scripts.emulator.webhooks import sign
from tests.emulator.buying import Shop
from tests.emulator.process import KEY, SECRET
from tests.emulator.receiver import Delivery, Receiver
from tests.emulator.waiting import until


def signed_with(delivery: Delivery, key: str) -> bool:
    return delivery.signature == hmac.new(key.encode(), delivery.body, hashlib.sha256).hexdigest()


def test_the_published_vector_holds() -> None:
    expected = "e316cf793c156e6e74c7a4bd5a67995ef95712d0c5986207b44e0e69a0adc90e"
    assert sign(b'{"id":"p","status":"succeeded"}', "sk-test") == expected


ALL = ["started", "completed", "failed", "canceled"]


@pytest.mark.parametrize(
    ("form", "events", "statuses"),
    [
        (
            {"webhook": {"url": "URL", "events": ["completed", "failed"]}},
            ["completed", "failed"],
            ["succeeded"],
        ),
        ({"webhook": {"url": "URL", "events": ["prediction.started"]}}, ["started"], ["starting"]),
        ({"webhook": {"url": "URL", "events": ["prediction.cancelled"]}}, ["canceled"], []),
        ({"webhook": {"url": "URL"}}, ALL, ["starting", "succeeded"]),
        ({"webhook": "URL"}, ALL, ["starting", "succeeded"]),
        ({"webhook": "URL", "webhook_events_filter": ["start"]}, ["started"], ["starting"]),
        (
            {"webhook": "URL", "webhook_events_filter": ["completed", "logs"]},
            ["completed", "failed", "canceled"],
            ["succeeded"],
        ),
    ],
)
async def test_every_form_of_request_is_understood(
    shop: Shop, receiver: Receiver, form: dict[str, Any], events: list[str], statuses: list[str]
) -> None:
    hook = form["webhook"]
    form |= {"webhook": receiver.url if hook == "URL" else hook | {"url": receiver.url}}
    told = await shop.finished(**form)
    assert told["webhook"] == {"url": receiver.url, "events": events}
    await receiver.got(len(statuses))
    assert receiver.statuses == statuses


async def test_an_event_that_does_not_exist_is_refused(shop: Shop) -> None:
    reply = await shop.order(webhook={"url": "http://127.0.0.1:9", "events": ["exploded"]})
    assert reply.status_code == 422


async def test_a_delivery_is_the_prediction_signed_with_the_key(shop: Shop, receiver: Receiver) -> None:
    told = await shop.finished(webhook=receiver.url)
    _, last = await receiver.got(2)
    assert last.json == told
    assert last.content_type == "application/json"
    assert signed_with(last, KEY)


async def test_the_other_dialect_wraps_prefixes_and_signs_with_the_secret(shop: Shop, receiver: Receiver) -> None:
    await shop.dialect(webhook_body="envelope", signature="sha256=", signing_key="secret")
    told = await shop.finished(webhook=receiver.url)
    first, last = await receiver.got(2)
    assert (first.json["type"], last.json["type"]) == ("prediction.started", "prediction.succeeded")
    assert last.json["data"]["id"] == told["id"]
    assert last.signature == "sha256=" + sign(last.body, SECRET)


async def test_deliveries_wait_for_the_reply(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(slow_reply={"share": 1, "seconds": 0.4})
    await shop.buy(webhook=receiver.url)
    answered = time.monotonic()
    assert (await receiver.got(2))[0].at > answered - 0.05


async def test_early_deliveries_do_not(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(early=1)
    told = await shop.buy(webhook=receiver.url)
    assert receiver.statuses == ["starting", "succeeded"]
    assert told["status"] == "succeeded"


async def test_a_refused_delivery_is_tried_again(shop: Shop, receiver: Receiver) -> None:
    receiver.answers = [500, 404, 503]
    await shop.buy(webhook={"url": receiver.url, "events": ["completed"]})
    deliveries = await receiver.got(4)
    assert len({delivery.body for delivery in deliveries}) == 1
    await until(shop.sent)
    assert [one["answer"] for one in await shop.sent()] == [500, 404, 503, 200]


async def test_attempts_end(shop: Shop, receiver: Receiver) -> None:
    await shop.dialect(webhook_attempts=2, webhook_backoff=0)
    receiver.answers = [500] * 10
    await shop.buy(webhook={"url": receiver.url, "events": ["completed"]})
    await receiver.got(2)
    await shop.finished()
    assert len(receiver.deliveries) == 2


async def test_duplicates_are_equal(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(duplicate={"share": 1, "copies": 5})
    await shop.buy(webhook={"url": receiver.url, "events": ["completed"]})
    deliveries = await receiver.got(5)
    assert len({(one.body, one.signature) for one in deliveries}) == 1


async def test_reordered_events_come_the_wrong_way_round(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(reorder=1)
    await shop.buy(webhook=receiver.url)
    await receiver.got(2)
    assert receiver.statuses == ["succeeded", "starting"]


async def test_dropped_events_never_come(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(drop=1)
    await shop.finished(webhook=receiver.url)
    await until(lambda: _all_dropped(shop))
    assert receiver.deliveries == []


async def _all_dropped(shop: Shop) -> bool:
    return len(await shop.sent("dropped")) == 2


async def test_delayed_events_come_later(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(delay={"share": 1, "seconds": 0.4})
    await shop.finished(webhook={"url": receiver.url, "events": ["completed"]})
    ended = time.monotonic()
    assert (await receiver.got(1))[0].at - ended > 0.2


async def test_a_forged_delivery_claims_success_under_a_wrong_signature(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(forge=1, fail=1)
    await shop.buy(webhook={"url": receiver.url, "events": ["failed"]})
    forged, genuine = await receiver.got(2)
    assert (forged.status, genuine.status) == ("succeeded", "failed")
    assert not signed_with(forged, KEY)
    assert signed_with(genuine, KEY)
    assert not forged.json["output"][0].startswith(shop.emulator.url)


async def test_an_altered_body_no_longer_fits_its_signature(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(alter=1)
    await shop.buy(webhook={"url": receiver.url, "events": ["completed"]})
    altered, genuine = await receiver.got(2)
    assert not signed_with(altered, KEY)
    assert altered.signature == genuine.signature
    assert altered.json["status"] != "succeeded"


async def test_a_contradiction_is_signed(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(contradict=1)
    await shop.buy(webhook=receiver.url)
    deliveries = await receiver.got(3)
    assert receiver.statuses == ["starting", "succeeded", "failed"]
    assert all(signed_with(one, KEY) for one in deliveries)


async def test_a_slow_body_arrives_whole(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(slow_body={"share": 1, "seconds": 0.2})
    await shop.buy(webhook={"url": receiver.url, "events": ["completed"]})
    assert signed_with((await receiver.got(1))[0], KEY)


async def test_stale_links_are_renewed_by_a_read(shop: Shop, receiver: Receiver) -> None:
    await shop.faults(stale_link=1)
    told = await shop.finished(webhook={"url": receiver.url, "events": ["completed"]})
    [stale] = (await receiver.got(1))[0].json["output"]
    assert (await shop.client.get(stale)).status_code == 403
    assert (await shop.client.get(told["output"][0])).status_code == 200


async def test_cancelling_is_told(shop: Shop, receiver: Receiver) -> None:
    await shop.dialect(duration=60)
    told = await shop.buy(webhook=receiver.url)
    await asyncio.gather(receiver.got(1), shop.client.post(told["urls"]["cancel"]))
    assert receiver.statuses == ["cancelled"]
