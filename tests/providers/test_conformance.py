"""What the port promises of every provider. A new adapter joins by one more dialect in the list."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.domain.ports import (
    NotKnown,
    Provider,
    ProviderRefused,
    ProviderTrouble,
    Unavailable,
    UnreadableDelivery,
    Unsure,
)
from app.domain.prediction import Prediction
from app.domain.report import ProviderState, Report
from app.domain.signatures import hmac_sha256_hex
from app.domain.work import Terms
from tests.domain.life import new_prediction
from tests.providers.replicate import samples as replicate
from tests.providers.skytells import samples as skytells
from tests.providers.stub import ApiStub

CALLBACK = "https://app.example/api/webhooks/x?t=very-private"
SECRETS = (skytells.KEY, skytells.SECRET, replicate.KEY, replicate.SECRET, "very-private")


@dataclass(frozen=True)
class Dialect:
    """How a provider says what all providers say. `of_state` is its prediction object under a given id."""

    name: str
    host: str
    prediction: Prediction
    open: Callable[[httpx.AsyncClient], Provider]
    of_state: Callable[[ProviderState, str], dict[str, Any]]
    listed: Callable[[dict[str, Any], str], Any]
    signed: Callable[[bytes], dict[str, str]]


SKYTELLS_WORDS = {
    ProviderState.QUEUED: "pending",
    ProviderState.RUNNING: "processing",
    ProviderState.SUCCEEDED: "succeeded",
    ProviderState.FAILED: "failed",
    ProviderState.CANCELED: "cancelled",
}
REPLICATE_WORDS = {
    ProviderState.QUEUED: "starting",
    ProviderState.RUNNING: "processing",
    ProviderState.SUCCEEDED: "succeeded",
    ProviderState.FAILED: "failed",
    ProviderState.CANCELED: "canceled",
}
DIALECTS = [
    Dialect(
        name="skytells",
        host="api.skytells.example",
        prediction=new_prediction(),
        open=skytells.skytells_of,
        of_state=lambda state, given_id: skytells.prediction_object(id=given_id, status=SKYTELLS_WORDS[state]),
        listed=lambda entry, callback: {"data": [entry | {"webhook": {"url": callback, "events": []}}]},
        signed=lambda body: {"x-skytells-signature": hmac_sha256_hex(skytells.SECRET, body)},
    ),
    Dialect(
        name="replicate",
        host="api.replicate.example",
        prediction=replicate.prediction_of(),
        open=replicate.replicate_of,
        of_state=lambda state, given_id: replicate.prediction_object(id=given_id, status=REPLICATE_WORDS[state]),
        listed=lambda entry, callback: {"next": None, "results": [entry | {"webhook": callback}]},
        signed=replicate.signed,
    ),
]


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    assert isinstance(request.param, Dialect)
    return request.param


@pytest.fixture
def provider(dialect: Dialect, http: httpx.AsyncClient) -> Provider:
    return dialect.open(http)


def test_it_has_a_name_and_terms(dialect: Dialect, provider: Provider) -> None:
    assert provider.name == dialect.name
    assert isinstance(provider.terms, Terms)
    assert provider.terms.look_every <= provider.terms.output_lifetime / 3


@pytest.mark.parametrize("state", ProviderState)
async def test_a_reply_a_look_a_list_and_a_delivery_say_the_same(
    dialect: Dialect, provider: Provider, api: ApiStub, state: ProviderState
) -> None:
    entry = dialect.of_state(state, "pred_1")
    api.says(entry)
    told = [
        await provider.create(dialect.prediction, CALLBACK),
        await provider.fetch("pred_1", dialect.prediction.model),
        provider.read_delivery(json.dumps(entry).encode()),
    ]
    api.says(dialect.listed(entry, CALLBACK))
    [listed] = await provider.listed(dialect.prediction.model, dialect.prediction.created_at)
    assert listed.callback_url in (CALLBACK, None)
    told.append(listed.report)
    assert {report.provider_id for report in told} == {"pred_1"}
    assert {report.state for report in told} == {state}
    assert all(report == told[0] for report in told)
    assert (told[0].failure is not None) == (state is ProviderState.FAILED)


async def test_a_create_is_sent_once_and_carries_its_callback(
    dialect: Dialect, provider: Provider, api: ApiStub
) -> None:
    api.says(dialect.of_state(ProviderState.QUEUED, "pred_1"))
    await provider.create(dialect.prediction, CALLBACK)
    [request] = api.requests
    assert request.method == "POST"
    assert CALLBACK in request.content.decode()
    assert "a very private fox" in request.content.decode()


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (httpx.ConnectError, Unavailable),
        (httpx.ConnectTimeout, Unavailable),
        (httpx.PoolTimeout, Unavailable),
        (httpx.ReadTimeout, Unsure),
        (httpx.ReadError, Unsure),
        (httpx.WriteError, Unsure),
        (httpx.RemoteProtocolError, Unsure),
    ],
)
async def test_a_create_tells_what_was_surely_not_heard_from_what_may_have_been(
    dialect: Dialect,
    provider: Provider,
    api: ApiStub,
    error: type[httpx.TransportError],
    trouble: type[ProviderTrouble],
) -> None:
    api.answers(error("no"))
    with pytest.raises(ProviderTrouble) as caught:
        await provider.create(dialect.prediction, CALLBACK)
    assert type(caught.value) is trouble
    assert len(api.requests) == 1


@pytest.mark.parametrize("status", range(300, 600))
async def test_every_status_of_a_create_is_one_of_three_troubles(
    dialect: Dialect, provider: Provider, api: ApiStub, status: int
) -> None:
    api.says(body=b"<html>very-private</html>", status=status)
    with pytest.raises((Unavailable, ProviderRefused, Unsure)) as caught:
        await provider.create(dialect.prediction, CALLBACK)
    assert len(api.requests) == 1
    if status >= 500 and status != 503:
        assert isinstance(caught.value, Unsure)
    if isinstance(caught.value, ProviderRefused):
        assert "very-private" not in caught.value.failure.message
        assert 400 <= status < 500


@pytest.mark.parametrize("status", [*range(300, 400), *range(400, 600, 7), 404, 429, 502, 503])
async def test_a_look_that_tells_nothing_ends_nothing(
    dialect: Dialect, provider: Provider, api: ApiStub, status: int
) -> None:
    api.says(body=b"<html></html>", status=status)
    with pytest.raises((Unavailable, NotKnown)):
        await provider.fetch("pred_1", dialect.prediction.model)


@pytest.mark.parametrize("status", [300, 401, 404, 429, 500, 502, 503])
async def test_a_list_that_failed_proves_nothing(
    dialect: Dialect, provider: Provider, api: ApiStub, status: int
) -> None:
    api.says([], status=status, headers={"retry-after": "3"})
    with pytest.raises(Unavailable) as caught:
        await provider.listed(dialect.prediction.model, dialect.prediction.created_at)
    assert caught.value.retry_after == timedelta(seconds=3)
    with pytest.raises(Unavailable):
        await provider.models()


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_a_cancel_that_was_lost_can_be_repeated(
    dialect: Dialect, provider: Provider, api: ApiStub, error: type[httpx.TransportError]
) -> None:
    api.answers(error("no"))
    with pytest.raises(Unavailable):
        await provider.cancel("pred_1", dialect.prediction.model)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_key_goes_to_the_providers_host_alone(
    dialect: Dialect, provider: Provider, api: ApiStub, status: int
) -> None:
    api.says(status=status, headers={"location": "https://elsewhere.example/"})
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: provider.create(dialect.prediction, CALLBACK),
        lambda: provider.fetch("pred_1", dialect.prediction.model),
        lambda: provider.cancel("pred_1", dialect.prediction.model),
        lambda: provider.listed(dialect.prediction.model, dialect.prediction.created_at),
        provider.models,
    ]
    for call in calls:
        with suppress(ProviderTrouble):
            await call()
    asked = [(request.method, request.url) for request in api.requests]
    assert len(set(asked)) == len(asked) >= len(calls)
    assert {request.url.host for request in api.requests} == {dialect.host}


def test_only_what_our_secret_signed_is_authentic(dialect: Dialect, provider: Provider) -> None:
    body = json.dumps(dialect.of_state(ProviderState.SUCCEEDED, "pred_1")).encode()
    assert provider.is_authentic(dialect.signed(body), body)
    assert not provider.is_authentic(dialect.signed(body), body + b" ")
    assert not provider.is_authentic(dialect.signed(b""), body)
    assert not provider.is_authentic({}, body)


@given(st.binary(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_delivery_is_a_report_or_unreadable(provider: Provider, body: bytes) -> None:
    try:
        assert isinstance(provider.read_delivery(body), Report)
    except UnreadableDelivery as error:
        assert str(error)


def test_it_shows_no_secret(provider: Provider) -> None:
    assert not any(secret in repr(provider) for secret in SECRETS)
