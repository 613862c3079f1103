"""Milestones for PostHog: told off the request's path, dropped when nobody hears."""

import json
from typing import Any
from uuid import UUID

import httpx
import structlog
from pydantic import SecretStr

from app.settings import Settings
from app.telemetry.posthog import SENT_AT_ONCE, WAITING_AT_MOST, PostHog, open_posthog
from app.watch import milestones
from app.watch.milestones import Milestone
from tests.emulator.process import RunningEmulator
from tests.house import eventually, open_house
from tests.ports import free_port
from tests.telemetry.collector import Collector, collecting

ID = UUID("01a1fd30-6dd1-78bd-9699-fdf812e74756")
MADE = Milestone(ID, "ann", "skytells", "truefusion-pro", "created", 0.0)
FAILED = Milestone(ID, "ann", "skytells", "truefusion-pro", "failed", 1.25, "rejected")


def events(collector: Collector) -> list[dict[str, Any]]:
    return [event for body in collector.bodies("/batch/") for event in json.loads(body)["batch"]]


async def test_a_life_is_told_with_its_latency(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    with collecting() as collector:
        heard = settings.model_copy(update={"posthog_api_key": SecretStr("phc_test"), "posthog_host": collector.url})
        async with open_house(heard, fresh_emulator) as house:
            made = (await house.create("a planted prompt")).json()
            assert (await house.final(made["id"]))["status"] == "succeeded"
            await eventually(lambda: len(events(collector)) >= 2)
        assert all(json.loads(body)["api_key"] == "phc_test" for body in collector.bodies("/batch/"))
        created, succeeded = events(collector)
    assert (created["event"], succeeded["event"]) == ("prediction_created", "prediction_succeeded")
    assert succeeded["properties"]["prediction_id"] == made["id"]
    assert succeeded["properties"]["latency_ms"] > 0
    assert created["uuid"] != succeeded["uuid"]
    assert "a planted prompt" not in str(collector.posted)


async def test_a_failure_is_told_with_its_code_and_last_words_are_sent() -> None:
    with collecting() as collector:
        async with open_posthog(collector.url, "phc_test"):
            milestones.tell(FAILED)
        (event,) = events(collector)
    assert event["event"] == "prediction_failed"
    assert event["properties"]["error_code"] == "rejected"
    assert event["properties"]["latency_ms"] == 1250
    assert event["properties"]["distinct_id"] == "ann"


async def test_one_that_is_away_is_told_of_once_and_holds_nobody_up() -> None:
    with structlog.testing.capture_logs() as lines:
        async with open_posthog(f"http://127.0.0.1:{free_port()}", "phc_test"):
            for _ in range(3 * SENT_AT_ONCE):
                milestones.tell(MADE)
    assert [line["event"].split(";")[0] for line in lines] == ["PostHog does not hear us"]


async def test_one_that_refuses_gets_each_event_once() -> None:
    with collecting(status=500) as collector, structlog.testing.capture_logs():
        async with open_posthog(collector.url, "phc_test"):
            milestones.tell(MADE)
        assert len(events(collector)) == 1


async def test_what_does_not_fit_is_dropped() -> None:
    answers = httpx.MockTransport(lambda _: httpx.Response(200))
    async with httpx.AsyncClient(transport=answers, base_url="http://posthog.test") as http:
        posthog = PostHog(http, "phc_test")
        for _ in range(WAITING_AT_MOST + 10):
            posthog.hear(MADE)
        assert posthog.waiting == WAITING_AT_MOST
