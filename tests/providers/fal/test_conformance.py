"""What the port promises of every provider, of this one: the shared cases, and its own where no shared one can fit."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from app.domain.ports import Provider, ProviderTrouble
from app.domain.report import ProviderState
from tests.providers.fal.samples import (
    CALLBACK,
    ID,
    KEY,
    MODEL,
    PREDICTION,
    SIGNER,
    as_body,
    delivery,
    fal_of,
    infrastructure_error,
    keys_with,
    output,
    signed,
    taken,
)
from tests.providers.stub import ApiStub, answer
from tests.providers.test_conformance import (  # noqa: F401
    Dialect,
    test_a_cancel_that_was_lost_can_be_repeated,
    test_a_create_tells_what_was_surely_not_heard_from_what_may_have_been,
    test_a_look_that_tells_nothing_ends_nothing,
    test_every_delivery_is_a_report_or_unreadable,
    test_every_status_of_a_create_is_one_of_three_troubles,
    test_it_has_a_name_and_terms,
    test_it_shows_no_secret,
    test_only_what_our_secret_signed_is_authentic,
)

HOSTS = {"queue.fal.example", "api.fal.example"}
ENDS = {
    ProviderState.SUCCEEDED: (output(), 200),
    ProviderState.FAILED: (infrastructure_error("internal_error"), 500),
    ProviderState.CANCELED: (infrastructure_error("client_cancelled"), 499),
}


@pytest.fixture
def dialect() -> Dialect:
    return Dialect(
        name="fal",
        host="queue.fal.example",
        prediction=PREDICTION,
        open=fal_of,
        of_state=lambda _, given_id: delivery(request_id=given_id),
        listed=lambda *_: [],
        signed=signed,
    )


@pytest.fixture
async def provider(http: httpx.AsyncClient) -> Provider:
    return fal_of(http, keys=await keys_with(SIGNER))


@pytest.mark.parametrize("state", ENDS)
async def test_a_look_and_a_delivery_say_the_same_of_an_end(
    provider: Provider, api: ApiStub, state: ProviderState
) -> None:
    payload, status = ENDS[state]
    api.answers(answer({"status": "COMPLETED"}), answer(payload, status=status))
    looked = await provider.fetch(ID, MODEL)
    word = "OK" if state is ProviderState.SUCCEEDED else "ERROR"
    error = None if word == "OK" else f"Invalid status code: {status}"
    assert looked == provider.read_delivery(as_body(delivery(status=word, payload=payload, error=error)))
    assert (looked.state, looked.provider_id) == (state, ID)


async def test_a_create_is_sent_once_and_carries_its_callback(provider: Provider, api: ApiStub) -> None:
    api.says(taken())
    await provider.create(PREDICTION, CALLBACK)
    [request] = api.requests
    assert request.url.params["fal_webhook"] == CALLBACK
    assert "a very private fox" in request.content.decode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_goes_to_the_providers_hosts_alone(provider: Provider, api: ApiStub, status: int) -> None:
    api.says(status=status, headers={"location": "https://elsewhere.example/"})
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: provider.create(PREDICTION, CALLBACK),
        lambda: provider.fetch(ID, MODEL),
        lambda: provider.cancel(ID, MODEL),
        provider.greet,
    ]
    for call in calls:
        with suppress(ProviderTrouble):
            await call()
    assert len(api.requests) == len(calls)
    assert {request.url.host for request in api.requests} == HOSTS


async def test_addresses_in_an_answer_are_not_followed_with_our_key(provider: Provider, api: ApiStub) -> None:
    api.says(taken(status_url="https://elsewhere.example/", response_url="https://elsewhere.example/"))
    report = await provider.create(PREDICTION, CALLBACK)
    api.says({"status": "IN_QUEUE"}, status=202)
    await provider.fetch(report.provider_id, MODEL)
    assert {request.url.host for request in api.requests} == {"queue.fal.example"}


def test_its_key_is_not_shown(provider: Provider) -> None:
    assert KEY not in repr(provider)
