"""From an upload to what the provider gets, and the upload's end."""

import base64
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.actions.adopt import adopt
from app.actions.compare_blobs import Found, verify_blobs
from app.actions.resolve_pictures import PictureSources, resolve_pictures
from app.actions.retain import Retention, forget_unused_uploads
from app.actions.sweep_orphans import sweep_orphans
from app.bootstrap import Services, open_services, open_workshop
from app.db import uploads
from app.domain.pictures import data_uri, upload_ids
from app.domain.ports import Listed, Pictures, Provider, ProviderRefused, Unavailable
from app.domain.prediction import Prediction
from app.domain.rates import Rate
from app.domain.report import ProviderState, Report
from app.domain.work import Terms, WorkKind
from app.jobs.handlers import handlers
from app.settings import Settings
from app.storage.inputs import LARGEST_INPUT, Examiner
from tests.db.rows import add_prediction, change, load
from tests.house import House
from tests.providers.limited import LimitedProvider
from tests.storage.pictures import encoded, opened, picture, telling
from tests.web.test_uploads import MODEL, create, sent

PNG = encoded("PNG")
NOTHING = httpx.Response(500)


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    async with open_services(settings) as opened_services:
        yield opened_services


def streamed(content: bytes) -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return httpx.Response(200, headers={"content-length": str(len(content))}, content=pieces())


class Taker:
    """A provider that takes pictures in one way; nothing else of it is asked."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures


async def resolved(
    services: Services,
    prediction: Prediction,
    taken: Pictures,
    *,
    files_url: str = "https://darkroom.example/files",
    answer: httpx.Response = NOTHING,
) -> dict[str, Any]:
    """The input as a provider gets it, where addresses answer so."""
    transport = httpx.MockTransport(lambda _: answer)
    async with httpx.AsyncClient(transport=transport) as http:
        sources = PictureSources(services.database, services.blobs, http, files_url, Examiner())
        taker: Provider = Taker(taken)  # type: ignore[assignment]
        return dict((await resolve_pictures(sources, taker, prediction)).input)


async def ordered(services: Services, **given: Any) -> Prediction:
    made = await add_prediction(services.database)
    return replace(made, owner="development", input=given, uploads=upload_ids(given))


async def bought_with(house: House, provider_id: str) -> dict[str, Any]:
    """The input that the provider says it got."""
    headers = {"x-api-key": house.emulator.key}
    answer = await house.client.get(f"{house.emulator.api}/predictions/{provider_id}", headers=headers)
    return dict(answer.json()["input"])


async def test_the_provider_gets_the_bytes_of_an_upload_where_it_cannot_reach_us(house: House) -> None:
    image, mask = await sent(house, telling("JPEG", 6)), await sent(house, encoded("PNG", picture((24, 40))))
    made = (await create(house, {"image": image, "mask": mask, "strength": 0.5})).json()
    final = await house.final(made["id"])
    assert (final["status"], final["input"]["image"]) == ("succeeded", image)

    (sale,) = await house.ledger()
    given = await bought_with(house, sale["id"])
    kind, _, content = given["image"].partition(";base64,")
    assert kind == "data:image/jpeg"
    assert opened(base64.b64decode(content)).tobytes() == opened(telling("JPEG", 6)).tobytes()
    assert given["mask"].startswith("data:image/png;base64,")
    assert given["strength"] == 0.5


async def test_addresses_and_data_reach_the_provider_as_they_are(house: House) -> None:
    given = {"image": "https://example.com/a.png", "mask": data_uri(PNG, "image/png")}
    await house.final((await create(house, given)).json()["id"])
    (sale,) = await house.ledger()
    assert (await bought_with(house, sale["id"])).items() >= given.items()


async def test_the_same_upload_serves_many_predictions(house: House) -> None:
    image = await sent(house)
    orders = [{"model": MODEL, "input": {"prompt": f"fox {n}", "image": image}} for n in range(3)]
    batch = (await house.client.post("/api/batches", json={"predictions": orders})).json()
    for made in batch["predictions"]:
        assert (await house.final(made["id"]))["status"] == "succeeded"


async def test_a_provider_that_fetches_gets_our_address(front: House, services: Services) -> None:
    image = await sent(front)
    order = await ordered(services, prompt=image, image=image, references=[{"deep": image}], size=3)
    (row,) = await front.rows("SELECT key FROM uploads")
    address = f"https://darkroom.example/files/{row['key']}"
    given = await resolved(services, order, Pictures.URL)
    assert given == {"prompt": image, "image": address, "references": [{"deep": address}], "size": 3}


@pytest.mark.parametrize("taken", Pictures)
async def test_without_a_public_address_it_gets_data(front: House, services: Services, taken: Pictures) -> None:
    order = await ordered(services, image=await sent(front, PNG))
    given = await resolved(services, order, taken, files_url="http://127.0.0.1:8000/files")
    assert given["image"] == data_uri(PNG, "image/png")


async def test_a_provider_of_data_gets_what_an_address_holds(services: Services) -> None:
    order = await ordered(services, image="https://example.com/a", mask=data_uri(PNG, "image/png"))
    jpeg = encoded("JPEG")
    given = await resolved(services, order, Pictures.DATA, answer=streamed(jpeg))
    assert given == {"image": data_uri(jpeg, "image/jpeg"), "mask": data_uri(PNG, "image/png")}


REFUSED: dict[str, tuple[str, httpx.Response, str]] = {
    "gone": ("https://example.com/a", httpx.Response(404), "its address answers 404"),
    "a page": ("https://example.com/a", streamed(b"<html>"), "is a page or a drawing of markup"),
    "too large": ("https://example.com/a", streamed(bytes(LARGEST_INPUT + 1)), "at most"),
    "cut": ("https://example.com/a", streamed(PNG[:-9]), "is cut off or damaged"),
    "elsewhere": ("https://a", httpx.Response(302, headers={"location": "http://b/"}), "not one that we fetch"),
    "no upload": ("file_" + "0" * 32, httpx.Response(500), "the file is no longer there"),
}


@pytest.mark.parametrize(("given", "answer", "why"), REFUSED.values(), ids=REFUSED)
async def test_a_picture_that_cannot_be_had_buys_nothing(
    services: Services, given: str, answer: httpx.Response, why: str
) -> None:
    order = await ordered(services, image=given)
    with pytest.raises(ProviderRefused) as refused:
        await resolved(services, order, Pictures.DATA, answer=answer)
    assert refused.value.failure.code == "rejected"
    assert refused.value.failure.message.startswith("input.image could not be used: ")
    assert why in refused.value.failure.message


async def test_trouble_that_may_pass_is_tried_again(services: Services) -> None:
    order = await ordered(services, image="https://example.com/a")
    with pytest.raises(Unavailable):
        await resolved(services, order, Pictures.DATA, answer=httpx.Response(503))


async def test_an_upload_that_was_lost_ends_the_prediction_unpaid(house: House) -> None:
    image = await sent(house)
    (row,) = await house.rows("SELECT key FROM uploads")
    for path in house.settings.darkroom_data.rglob(row["key"]):
        path.unlink()
    final = await house.final((await create(house, {"image": image})).json()["id"])
    assert (final["status"], final["error"]["code"]) == ("failed", "rejected")
    assert final["error"]["message"] == "input.image could not be used: the file is no longer there."
    assert await house.ledger() == []
    assert final["cost"]["captured"] in (None, "0")


async def test_an_upload_goes_when_it_is_old_and_nobody_needs_it(front: House, services: Services) -> None:
    needed, used, unused = [await sent(front) for _ in range(3)]
    made = (await create(front, {"image": needed})).json()
    await front.rows("UPDATE uploads SET last_used_at = now() - interval '25 hours'")
    await create(front, {"image": used})
    day = Retention(upload_hours=24)
    assert await forget_unused_uploads(services.database, services.blobs, day) == 1
    statuses = [(await front.client.get(f"/api/files/{each}")).status_code for each in (needed, used, unused)]
    assert statuses == [200, 200, 404]
    assert len([key async for key in services.blobs.keys(older_than=-9)]) == 2

    await front.rows("UPDATE predictions SET status = 'failed' WHERE id = $1", made["id"])
    assert await forget_unused_uploads(services.database, services.blobs, day) == 1


async def test_an_upload_that_a_create_holds_is_passed_by(front: House, services: Services) -> None:
    image = await sent(front)
    await front.rows("UPDATE uploads SET last_used_at = now() - interval '25 hours'")
    async with services.database.transaction() as tx:
        assert await uploads.renew(tx, "development", [image]) == {image}
        assert await forget_unused_uploads(services.database, services.blobs, Retention()) == 0
    assert await forget_unused_uploads(services.database, services.blobs, Retention()) == 0


async def test_the_sweep_of_orphans_knows_uploads_and_so_does_the_list_of_files(
    front: House, services: Services
) -> None:
    await sent(front)
    async for key in services.blobs.keys(older_than=-9):
        place = services.blobs.local_path(key)
        assert place is not None
        past = datetime.now(UTC).timestamp() - 100
        os.utime(place, (past, past))
    assert await sweep_orphans(services.database, services.blobs, older_than=50) == 0
    found = [each.found async for each in verify_blobs(services.database, services.blobs, hashes=True)]
    assert found == [Found.PRESENT]


async def test_what_the_provider_got_for_a_picture_keeps_nobody_from_adopting(services: Services) -> None:
    made = await add_prediction(services.database, kind=WorkKind.RECONCILE)
    ours = {"prompt": "a fox", "image": "file_" + "0" * 32}
    searching = await change(services.database, made, asked_at=made.created_at, input=ours)

    def listed(provider_id: str, **given: str) -> Listed:
        return Listed(Report(provider_id, ProviderState.RUNNING), None, made.created_at, given)

    other = listed("other", prompt="a dog", image="https://darkroom.example/files/a.png")
    mine = listed("mine", prompt="a fox", image="https://darkroom.example/files/a.png")
    found = await adopt(services.database, searching, [other, mine])
    assert found is not None and found.provider_id == "mine"


class Bytes(LimitedProvider):
    """Takes pictures as bytes alone, as Stability does."""

    pictures = Pictures.DATA


@pytest.mark.parametrize(("answer", "is_bought"), [(200, True), (500, False), (404, False)])
async def test_while_a_picture_is_fetched_nobody_was_asked_yet(
    services: Services, answer: int, is_bought: bool
) -> None:
    """So that whoever dies meanwhile leaves nothing that may have been bought."""
    made = await add_prediction(services.database)
    made = await change(services.database, made, input={"prompt": "a fox", "image": "https://pictures.example/fox.png"})
    provider, seen = Bytes(Terms(creates=Rate(5, 1))), list[datetime | None]()

    async def fetched(_: httpx.Request) -> httpx.Response:
        seen.append((await load(services.database, made)).asked_at)
        return streamed(PNG) if answer == 200 else httpx.Response(answer)

    async with open_workshop(services) as shop, httpx.AsyncClient(transport=httpx.MockTransport(fetched)) as http:
        theirs = replace(shop, providers={"skytells": provider}, sources=replace(shop.sources, http=http))
        await handlers(theirs)[WorkKind.SUBMIT](made.id)

    assert seen == [None]
    assert [asked.input["image"] for asked, _ in provider.arrived] == [data_uri(PNG, "image/png")] * is_bought
    after = await load(services.database, made)
    assert (after.asked_at, after.work is None) == (None, answer != 500)
