"""Whose models the names of the Replicate face mean, where Replicate itself makes some of them."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from pydantic import SecretStr
from replicate.client import Client

from app.settings import Settings
from app.web.compat.replicate.names import name_of
from tests.clients.test_replicate_face import client_of, closed
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.providers.replicate.samples import KEY, SECRET, VERSION
from tests.providers.replicate.server import ReplicateServer
from tests.web.steps import key_for

PROMPT = {"prompt": "a tin robot"}
PINNED = f"acme/painter:{VERSION}"


@pytest.fixture
def replicate_api() -> Iterator[ReplicateServer]:
    running = ReplicateServer()
    yield running
    running.close()


@pytest.fixture
async def front(
    settings: Settings, replicate_api: ReplicateServer, fresh_emulator: RunningEmulator
) -> AsyncIterator[House]:
    own = {
        "replicate_api_token": SecretStr(KEY),
        "replicate_webhook_secret": SecretStr(SECRET),
        "replicate_base_url": replicate_api.base,
        "replicate_models": ("acme/painter", PINNED, "deployments/acme/mural"),
        "ceiling_price": Decimal("0.25"),
    }
    async with open_house(settings.model_copy(update=own), fresh_emulator, with_worker=False) as opened:
        yield opened


@pytest.fixture
async def client(front: House) -> AsyncIterator[Client]:
    opened = client_of(front, await key_for(front))
    yield opened
    await closed(opened)


async def ordered(front: House) -> list[tuple[str, str]]:
    rows = await front.rows("SELECT provider, model FROM predictions ORDER BY id")
    return [(row["provider"], row["model"]) for row in rows]


async def test_replicates_own_models_keep_their_names(client: Client, front: House) -> None:
    made = await client.predictions.async_create(model="acme/painter", input=PROMPT)
    pinned = await client.predictions.async_create(version=PINNED, input=PROMPT)
    bare = await client.predictions.async_create(version=VERSION, input=PROMPT)
    assert [each.model for each in (made, pinned, bare)] == ["acme/painter"] * 3
    assert (pinned.version, bare.version) == (VERSION, VERSION)
    assert made.version != VERSION
    assert await ordered(front) == [("replicate", "acme/painter"), ("replicate", PINNED), ("replicate", PINNED)]


async def test_a_deployment_is_ordered_by_its_name(client: Client, front: House) -> None:
    made = await client.deployments.predictions.async_create("acme/mural", input=PROMPT)
    assert made.model == "acme/mural"
    assert await ordered(front) == [("replicate", "deployments/acme/mural")]


async def test_another_provider_s_models_are_under_its_name(client: Client, front: House) -> None:
    await client.predictions.async_create(model="skytells/truefusion-pro", input=PROMPT)
    assert await ordered(front) == [("skytells", "truefusion-pro")]
    names = [model.id for model in (await client.models.async_list()).results]
    assert {"acme/painter", "black-forest-labs/flux-schnell", "skytells/truefusion-pro"} <= set(names)
    assert len(names) == len(set(names))


async def test_a_model_has_the_versions_that_are_pinned_here(client: Client) -> None:
    model = await client.models.async_get("acme/painter")
    found = [version.id for version in (await model.versions.async_list()).results]
    assert found == [name_of("replicate", "acme/painter").version, VERSION]


def test_names_have_two_segments_and_one_version() -> None:
    name = name_of("fal", "fal-ai/flux/schnell")
    assert (name.model, name.owner, name.own) == ("fal/fal-ai--flux--schnell", "fal", "fal-ai--flux--schnell")
    assert name.version == name_of("fal", "fal-ai/flux/schnell").version
    assert len(name.version) == 64
