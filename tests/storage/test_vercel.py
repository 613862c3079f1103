"""Vercel Blob against a stub of its API (`vercel_stub`), as far as our reference of it goes."""

from pathlib import Path

import pytest

from app.storage.errors import StorageUnavailable
from app.storage.keys import new_key
from app.storage.port import Stored
from app.storage.vercel import IN_PARTS_FROM, VercelStore
from tests.storage.benches import vercel_store
from tests.storage.vercel_stub import OBJECTS, TOKEN, VercelStub

VAGUE = (500, "unknown_error")


@pytest.fixture
def stub() -> VercelStub:
    return VercelStub()


@pytest.fixture
def store(stub: VercelStub, tmp_path: Path) -> VercelStore:
    return vercel_store(stub, tmp_path / "spool")


async def put(store: VercelStore, content: bytes = b"content", key: str | None = None) -> Stored:
    upload = await store.begin(key or new_key("png"))
    await upload.write(content)
    return await upload.commit()


async def content_of(store: VercelStore, key: str) -> bytes:
    return b"".join([piece async for piece in store.read(key)])


async def test_an_upload_is_one_request_that_says_everything(stub: VercelStub, store: VercelStore) -> None:
    stored = await put(store)
    (method, path, headers) = stub.asked.pop()
    assert (method, path, stub.asked) == ("PUT", "/api/blob/", [])
    names = ("x-api-version", "x-vercel-blob-access", "x-content-type", "x-cache-control-max-age", "content-length")
    assert [headers[name] for name in names] == ["12", "public", "image/png", "2592000", "7"]
    assert (headers["x-add-random-suffix"], headers["x-allow-overwrite"]) == ("0", "1")
    assert stub.kept[f"outputs/{stored.key}"].max_age == 2592000


async def test_tries_of_one_call_are_told_apart_and_belong_together(stub: VercelStub, store: VercelStore) -> None:
    stub.fails = [VAGUE, (503, "service_unavailable")]
    stored = await put(store)
    assert stub.kept[f"outputs/{stored.key}"].content == b"content"
    assert [headers["x-api-blob-request-attempt"] for _, _, headers in stub.asked] == ["0", "1", "2"]
    (request_id,) = {headers["x-api-blob-request-id"] for _, _, headers in stub.asked}
    assert request_id.startswith("abc123:")


@pytest.mark.parametrize(
    ("status", "code"), [(429, "rate_limited"), (403, "forbidden"), (403, "store_suspended"), (400, "bad_request")]
)
async def test_a_plain_refusal_is_not_argued_with(stub: VercelStub, store: VercelStore, status: int, code: str) -> None:
    stub.fails = [(status, code)]
    with pytest.raises(StorageUnavailable) as error:
        await put(store)
    assert (error.value.reason, len(stub.asked), stub.kept) == (code, 1, {})


async def test_trouble_that_stays_is_given_up(stub: VercelStub, store: VercelStore, tmp_path: Path) -> None:
    stub.fails = [VAGUE] * 9
    with pytest.raises(StorageUnavailable) as error:
        await put(store)
    assert (error.value.reason, len(stub.asked)) == ("unknown_error", 4)
    assert list((tmp_path / "spool").iterdir()) == []


async def test_an_api_out_of_reach_is_unavailable_in_every_way(stub: VercelStub, store: VercelStore) -> None:
    stub.away = True
    key = new_key("png")
    for ask in (put(store), store.size(key), content_of(store, key), store.delete(key), store.probe()):
        with pytest.raises(StorageUnavailable) as error:
            await ask
        assert error.value.reason == "UNREACHABLE"


async def test_a_large_file_goes_in_parts_and_appears_at_the_end(stub: VercelStub, store: VercelStore) -> None:
    content = bytes(range(256)) * (IN_PARTS_FROM // 256) + b"!"
    stub.fails = [VAGUE]
    stored = await put(store, content)
    assert (stub.kept[f"outputs/{stored.key}"].content == content, stub.uploads) == (True, {})
    actions = [headers["x-mpu-action"] for _, _, headers in stub.asked]
    assert actions == ["create", "create", *["upload"] * 9, "complete"]


async def test_parts_that_break_off_make_nothing_visible(stub: VercelStub, store: VercelStore) -> None:
    upload = await store.begin(new_key("png"))
    await upload.write(b"x" * IN_PARTS_FROM)
    stub.fails_after = 3
    stub.fails = [(403, "forbidden")]
    with pytest.raises(StorageUnavailable):
        await upload.commit()
    assert stub.kept == {}


async def test_a_public_blob_s_address_is_where_the_api_said_it_lies(stub: VercelStub, store: VercelStore) -> None:
    stored = await put(store)
    other = new_key("png")
    assert await store.link(stored.key, 60) == f"{OBJECTS.format(access='public')}/outputs/{stored.key}"
    assert await store.link(other, 60) == f"{OBJECTS.format(access='public')}/outputs/{other}"
    assert len(stub.asked) == 1


async def test_a_process_that_never_stored_anything_asks_once_where_blobs_lie(
    stub: VercelStub, store: VercelStore, tmp_path: Path
) -> None:
    stored = await put(store)
    newcomer = vercel_store(stub, tmp_path / "spool")
    assert await newcomer.link(new_key("png"), 60) is None
    asked = len(stub.asked)
    for _ in range(3):
        assert await newcomer.link(stored.key, 60) == await store.link(stored.key, 60)
    assert len(stub.asked) == asked + 1


async def test_the_token_goes_to_the_api_and_to_objects_of_a_private_store_alone(tmp_path: Path) -> None:
    for access, sent in (("public", False), ("private", True)):
        stub = VercelStub(access=access)
        store = vercel_store(stub, tmp_path / "spool")
        stored = await put(store)
        assert await content_of(store, stored.key) == b"content"
        assert [f"Bearer {TOKEN}" == headers.get("authorization") for headers in stub.reads] == [sent]
        assert (await store.link(stored.key, 60) is None) is sent


async def test_no_secret_shows_where_the_store_is_shown(store: VercelStore) -> None:
    assert "secret" not in repr(store)
    assert "secret" not in repr(store._api)
