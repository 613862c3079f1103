"""What the port promises of every provider, of this one: the shared cases, and its own where no shared one can fit."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.domain.ports import Pictures, Provider, ProviderTrouble, Unavailable, UnreadableDelivery
from app.providers.stability import Stability
from tests.providers.stability.samples import CALLBACK, ID, KEY, picture, prediction_of, stability_of, upscaled
from tests.providers.stub import ApiStub
from tests.providers.test_conformance import (  # noqa: F401
    Dialect,
    test_a_create_tells_what_was_surely_not_heard_from_what_may_have_been,
    test_a_look_that_tells_nothing_ends_nothing,
    test_every_status_of_a_create_is_one_of_three_troubles,
    test_it_has_a_name_and_terms,
    test_it_shows_no_secret,
)


@pytest.fixture(params=["a picture at once", "a job"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return Dialect(
        name="stability",
        host="api.stability.example",
        prediction=prediction_of() if request.param == "a picture at once" else upscaled(),
        open=stability_of,
        of_state=lambda _, given_id: {"id": given_id},
        listed=lambda *_: [],
        signed=lambda _: {},
    )


@pytest.fixture
def provider(http: httpx.AsyncClient) -> Provider:
    return stability_of(http)


async def test_a_create_is_sent_once_over_a_new_connection(api: ApiStub, http: httpx.AsyncClient) -> None:
    api.answers(picture())
    stale = ApiStub()
    async with httpx.AsyncClient(transport=httpx.MockTransport(stale), trust_env=False) as kept:
        await stability_of(kept, fresh=http).create(prediction_of(), CALLBACK)
    assert (len(api.requests), stale.requests) == (1, [])
    assert "very-private" not in str(api.last.url)
    assert b"t=very-private" not in api.last.content


async def test_its_list_is_empty_and_of_all_bills_it_says_nothing(stability: Stability) -> None:
    prediction = prediction_of()
    assert await stability.listed(prediction.model, prediction.created_at) == ()
    with pytest.raises(Unavailable):
        await stability.listed(None, prediction.created_at)


async def test_a_cancel_asks_nobody(stability: Stability, api: ApiStub) -> None:
    await stability.cancel(ID, "upscale-creative")
    assert api.requests == []


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_delivery_is_believed(stability: Stability, body: bytes, headers: dict[str, str]) -> None:
    assert not stability.is_authentic(headers, body)
    with pytest.raises(UnreadableDelivery):
        stability.read_delivery(body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_goes_to_the_providers_host_alone(stability: Stability, api: ApiStub, status: int) -> None:
    api.says(status=status, headers={"location": "https://elsewhere.example/"})
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: stability.create(prediction_of(), CALLBACK),
        lambda: stability.fetch(ID, "upscale-creative"),
        stability.greet,
    ]
    for call in calls:
        with suppress(ProviderTrouble):
            await call()
    assert len(api.requests) == len(calls)
    assert {request.url.host for request in api.requests} == {"api.stability.example"}


def test_its_key_is_not_shown_and_it_takes_pictures_as_data(stability: Stability) -> None:
    assert KEY not in repr(stability)
    assert stability.pictures is Pictures.DATA
