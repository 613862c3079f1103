"""The adapter against the API on a real socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from app.domain.ports import NotKnown, ProviderRefused, Unavailable, Unsure
from app.domain.report import ProviderState
from app.domain.work import Terms
from app.providers.replicate import Replicate
from tests.providers.replicate.samples import CALLBACK, KEY, MODEL, VERSION, prediction_of, replicate_of
from tests.providers.replicate.server import START, ReplicateServer

PAINTER = prediction_of("acme/painter")


@pytest.fixture
async def wire() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def replicate(server: ReplicateServer, wire: httpx.AsyncClient) -> Replicate:
    return replicate_of(wire, base=server.base)


@pytest.mark.parametrize(
    ("model", "path", "version"),
    [
        ("acme/painter", "/v1/models/acme/painter/predictions", None),
        (f"acme/painter:{VERSION}", "/v1/predictions", VERSION),
        (VERSION, "/v1/predictions", VERSION),
        ("deployments/acme/fast-painter", "/v1/deployments/acme/fast-painter/predictions", None),
    ],
)
async def test_every_kind_of_name_is_bought_on_its_own_route(
    replicate: Replicate, server: ReplicateServer, model: str, path: str, version: str | None
) -> None:
    report = await replicate.create(prediction_of(model), CALLBACK)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", path)
    assert asked.json == {
        **({} if version is None else {"version": version}),
        "input": {"prompt": "a very private fox"},
        "webhook": CALLBACK,
        "webhook_events_filter": ["start", "completed"],
    }
    assert report.state is ProviderState.QUEUED
    assert report.provider_id in server.predictions


async def test_a_create_carries_its_key_and_its_deadline_and_asks_for_no_waiting(
    replicate: Replicate, server: ReplicateServer
) -> None:
    await replicate.create(PAINTER, CALLBACK)
    headers = server.asked[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["cancel-after"] == "3600s"
    assert headers["content-type"] == "application/json"
    assert "prefer" not in headers
    assert [name for name, value in headers.items() if KEY in value] == ["authorization"]


async def test_a_deadline_is_never_shorter_than_the_shortest_there_is(
    server: ReplicateServer, wire: httpx.AsyncClient
) -> None:
    hasty = replicate_of(wire, base=server.base, terms=Terms(longest_time=timedelta(seconds=1.5)))
    await hasty.create(PAINTER, CALLBACK)
    assert server.asked[0].headers["cancel-after"] == "5s"


async def test_an_address_without_tls_is_not_named_so_that_the_create_is_not_refused(
    replicate: Replicate, server: ReplicateServer
) -> None:
    report = await replicate.create(PAINTER, "http://localhost:8000/api/webhooks/replicate?t=x")
    assert report.provider_id in server.predictions
    assert server.asked[0].json.keys() == {"input"}


async def test_a_prediction_is_followed_and_canceled(replicate: Replicate, server: ReplicateServer) -> None:
    bought = await replicate.create(PAINTER, CALLBACK)
    server.predictions[bought.provider_id]["status"] = "processing"
    assert (await replicate.fetch(bought.provider_id, MODEL)).state is ProviderState.RUNNING
    await replicate.cancel(bought.provider_id, MODEL)
    assert (server.asked[-1].method, server.asked[-1].body) == ("POST", b"")
    assert (await replicate.fetch(bought.provider_id, MODEL)).state is ProviderState.CANCELED


async def test_a_reply_that_was_cut_may_be_a_purchase_and_is_found_in_the_list(
    replicate: Replicate, server: ReplicateServer
) -> None:
    server.behaviour.drops_replies = True
    with pytest.raises(Unsure):
        await replicate.create(PAINTER, CALLBACK)
    assert len(server.predictions) == 1
    [entry] = await replicate.listed("acme/painter", START)
    assert entry.callback_url == CALLBACK
    assert entry.report.provider_id in server.predictions
    assert (entry.input, entry.created_at) == (PAINTER.input, START)


async def test_where_the_list_hides_webhooks_model_input_and_time_remain(
    replicate: Replicate, server: ReplicateServer
) -> None:
    server.behaviour.echoes_webhooks = False
    server.behaviour.models.add("acme/other")
    for model in ("acme/other", "acme/painter", "deployments/acme/fast-painter"):
        await replicate.create(prediction_of(model), CALLBACK)
    [entry] = await replicate.listed("acme/painter", START)
    assert (entry.callback_url, entry.input) == (None, PAINTER.input)
    assert len(await replicate.listed(None, START)) == 3


async def test_pages_are_followed_by_their_cursors_to_the_last(replicate: Replicate, server: ReplicateServer) -> None:
    ids = [server.add(model="acme/painter")["id"] for _ in range(250)]
    listed = await replicate.listed("acme/painter", START)
    assert [entry.report.provider_id for entry in listed] == ids[::-1]
    assert len(server.asked) == 3


async def test_what_is_older_is_not_asked_for(replicate: Replicate, server: ReplicateServer) -> None:
    for _ in range(250):
        server.add(model="acme/painter")
    listed = await replicate.listed("acme/painter", START + timedelta(seconds=240))
    assert len(listed) == 70  # ten, and a minute for clocks that differ
    assert len(server.asked) == 1


async def test_a_greeting_is_the_account_and_tells_their_time(replicate: Replicate, server: ReplicateServer) -> None:
    time = await replicate.greet()
    assert time is not None and time.tzinfo is not None
    assert [asked.path for asked in server.asked] == ["/v1/account"]


async def test_a_wrong_key_is_refused_at_the_greeting_and_at_the_till(
    server: ReplicateServer, wire: httpx.AsyncClient
) -> None:
    stranger = replicate_of(wire, base=server.base, key="r8_wrong")
    calls: list[Callable[[], Awaitable[object]]] = [stranger.greet, lambda: stranger.create(PAINTER, CALLBACK)]
    for call in calls:
        with pytest.raises(ProviderRefused) as caught:
            await call()
        assert caught.value.failure.message == "The provider does not accept our API key."


async def test_a_limit_speaks_for_all_and_says_for_how_long(replicate: Replicate, server: ReplicateServer) -> None:
    server.behaviour.limited = True
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: replicate.create(PAINTER, CALLBACK),
        lambda: replicate.fetch("p1", MODEL),
        lambda: replicate.cancel("p1", MODEL),
        lambda: replicate.listed(None, START),
        replicate.models,
        replicate.greet,
    ]
    for call in calls:
        with pytest.raises(Unavailable) as caught:
            await call()
        assert caught.value.retry_after == timedelta(seconds=7)
        assert caught.value.concerns_all


async def test_what_is_not_there_is_not_known(replicate: Replicate) -> None:
    for call in (replicate.fetch, replicate.cancel):
        with pytest.raises(NotKnown):
            await call("never-seen", MODEL)


async def test_a_model_that_is_not_there_is_refused(replicate: Replicate) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await replicate.create(prediction_of("acme/nothing"), CALLBACK)
    assert caught.value.failure.message == "The provider has no such model."


async def test_models_are_those_that_are_there_with_the_schemas_of_their_versions(
    server: ReplicateServer, wire: httpx.AsyncClient
) -> None:
    own = ("acme/painter", f"acme/painter:{VERSION}", VERSION, "deployments/acme/fast-painter", "no name at all")
    models = {model.slug: model for model in await replicate_of(wire, base=server.base, slugs=own).models()}
    assert models.keys() == {"black-forest-labs/flux-schnell", *own[:4]}
    assert {slug for slug, model in models.items() if not model.input_schema} == {VERSION}
