"""The adapter against a queue on a real socket, from the create to the end."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.domain.ports import NotKnown, ProviderRefused
from app.domain.prediction import FailureCode
from app.domain.report import ProviderState, Report
from app.providers.client import ApiClient
from app.providers.fal import Fal, Keys
from tests.providers.fal.queue_server import QueueServer, queue_server
from tests.providers.fal.samples import CALLBACK, MODEL, OUTPUT, PREDICTION, fal_of, output, validation_error


@pytest.fixture
async def server() -> AsyncIterator[QueueServer]:
    async with queue_server() as server:
        yield server


@pytest.fixture
async def fal(server: QueueServer) -> AsyncIterator[Fal]:
    async with httpx.AsyncClient(trust_env=False) as http:
        keys = Keys(ApiClient(http, f"{server.url}/.well-known/jwks.json", {}))
        yield fal_of(http, keys=keys, queue=server.url, platform=f"{server.url}/v1")


async def test_a_prediction_is_made(server: QueueServer, fal: Fal) -> None:
    server.next_result = (200, output())
    taken = await fal.create(PREDICTION, CALLBACK)
    job = server.jobs[taken.provider_id]
    assert (job.app, job.input, job.webhook) == ("fal-ai/flux", PREDICTION.input, CALLBACK)
    looks = [await fal.fetch(taken.provider_id, MODEL) for _ in range(3)]
    assert [taken.state, *(look.state for look in looks)] == [
        ProviderState.QUEUED,
        ProviderState.QUEUED,
        ProviderState.RUNNING,
        ProviderState.SUCCEEDED,
    ]
    assert looks[-1].outputs == (OUTPUT,)


async def test_a_delivery_is_believed_and_says_what_a_look_says(server: QueueServer, fal: Fal) -> None:
    server.next_result = (200, output())
    taken = await fal.create(PREDICTION, CALLBACK)
    headers, body = server.delivery(taken.provider_id)
    assert not fal.is_authentic(headers, body)
    await fal.refresh_keys()
    assert fal.is_authentic(headers, body)
    server.jobs[taken.provider_id].words = ["COMPLETED"]
    assert fal.read_delivery(body) == await fal.fetch(taken.provider_id, MODEL)


async def test_a_failure_hides_behind_completed(server: QueueServer, fal: Fal) -> None:
    server.next_result = (422, validation_error())
    taken = await fal.create(PREDICTION, CALLBACK)
    server.jobs[taken.provider_id].words = ["COMPLETED"]
    report = await fal.fetch(taken.provider_id, MODEL)
    assert report.failure is not None and report.failure.code is FailureCode.REJECTED
    assert fal.read_delivery(server.delivery(taken.provider_id)[1]) == report


async def test_a_cancel_is_seen_by_the_next_look(server: QueueServer, fal: Fal) -> None:
    taken = await fal.create(PREDICTION, CALLBACK)
    await fal.cancel(taken.provider_id, MODEL)
    assert server.jobs[taken.provider_id].is_canceled
    assert await fal.fetch(taken.provider_id, MODEL) == Report(taken.provider_id, ProviderState.CANCELED)


async def test_a_cancel_that_comes_too_late_changes_nothing(server: QueueServer, fal: Fal) -> None:
    server.next_result = (200, output())
    taken = await fal.create(PREDICTION, CALLBACK)
    server.jobs[taken.provider_id].words = ["COMPLETED"]
    await fal.cancel(taken.provider_id, MODEL)
    assert (await fal.fetch(taken.provider_id, MODEL)).state is ProviderState.SUCCEEDED


async def test_a_request_is_known_below_its_own_app_alone(server: QueueServer, fal: Fal) -> None:
    taken = await fal.create(PREDICTION, CALLBACK)
    for provider_id, model in ((taken.provider_id, "fal-ai/kling-video/v2"), ("request-9", MODEL)):
        with pytest.raises(NotKnown):
            await fal.fetch(provider_id, model)
        with pytest.raises(NotKnown):
            await fal.cancel(provider_id, model)


async def test_the_key_is_taken(fal: Fal) -> None:
    await fal.greet()


async def test_another_key_is_refused(server: QueueServer) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        stranger = Fal(
            ApiClient(http, server.url, {"authorization": "Key another"}),
            ApiClient(http, f"{server.url}/v1", {"authorization": "Key another"}),
            keys=Keys(ApiClient(http, server.url, {})),
            models=(),
            terms=fal_of(http).terms,
        )
        with pytest.raises(ProviderRefused):
            await stranger.greet()
        with pytest.raises(ProviderRefused):
            await stranger.create(PREDICTION, CALLBACK)
    assert server.jobs == {}
