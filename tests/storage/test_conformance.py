"""What every store must keep to, whichever it is. S3 is a real server, moto; Vercel is a stub pinned to the reference.

GCS is not among them, since no server that speaks its XML API can be had here; Azure is, when AZURITE_URL names one.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.arrival import Arrival
from app.storage.errors import ActiveContent, BlobMissing, FileDamaged, InvalidKey, PictureTooLarge, StorageUnavailable
from app.storage.keys import new_key
from app.storage.port import BlobStore, Stored
from tests.house import eventually
from tests.storage import files
from tests.storage.benches import KINDS, Bench
from tests.storage.moto import RunningMoto

MIB = 2**20
CONTENT = os.urandom(2 * MIB + 5)
IN_PARTS = os.urandom(17 * MIB + 3)
EVERYTHING, NOTHING = -60.0, 3600.0


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path, moto: RunningMoto) -> Iterator[Bench]:
    with KINDS[request.param](tmp_path, moto) as opened:
        yield opened


@pytest.fixture
def store(bench: Bench) -> BlobStore:
    return bench.store


async def put(store: BlobStore, content: bytes = CONTENT, key: str | None = None) -> Stored:
    upload = await store.begin(key or new_key("png"))
    for start in range(0, len(content), MIB):
        await upload.write(content[start : start + MIB])
    return await upload.commit()


async def content_of(store: BlobStore, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in store.read(key, start, end)])


async def keys_of(store: BlobStore, older_than: float = EVERYTHING) -> list[str]:
    return [key async for key in store.keys(older_than)]


@pytest.mark.parametrize("size", [0, 1, MIB, 2 * MIB + 5])
async def test_a_blob_reads_back_as_written_with_its_size_and_hash(store: BlobStore, size: int) -> None:
    stored = await put(store, CONTENT[:size])
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(CONTENT[:size]).hexdigest())
    assert await store.size(stored.key) == size
    assert await content_of(store, stored.key) == CONTENT[:size]


async def test_a_blob_of_many_parts_is_one(bench: Bench) -> None:
    stored = await put(bench.store, IN_PARTS)
    assert await content_of(bench.store, stored.key) == IN_PARTS
    assert bench.left_behind() == [stored.key]


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, MIB), (5, 9), (MIB - 1, MIB + 1), (2 * MIB, None), (2 * MIB + 4, 2 * MIB + 5)]
)
async def test_a_part_is_read_alone(store: BlobStore, start: int, end: int | None) -> None:
    stored = await put(store)
    assert await content_of(store, stored.key, start, end) == CONTENT[start:end]


async def test_a_blob_is_invisible_until_it_is_committed(bench: Bench) -> None:
    key = new_key("png")
    upload = await bench.store.begin(key)
    await upload.write(IN_PARTS)
    assert await bench.store.size(key) is None
    assert await keys_of(bench.store) == []
    assert bench.names() == []
    assert upload.path is not None
    assert upload.path.read_bytes() == IN_PARTS
    await upload.commit()
    assert await keys_of(bench.store) == [key]


async def test_an_aborted_upload_leaves_nothing(bench: Bench) -> None:
    upload = await bench.store.begin(new_key("png"))
    await upload.write(b"half")
    await upload.abort()
    await upload.abort()
    assert bench.left_behind() == []
    with pytest.raises(StorageUnavailable):
        await upload.write(b"more")
    with pytest.raises(StorageUnavailable):
        await upload.commit()
    assert bench.left_behind() == []


async def test_abort_after_commit_takes_nothing_away(bench: Bench) -> None:
    upload = await bench.store.begin(new_key("png"))
    await upload.write(b"whole")
    stored = await upload.commit()
    await upload.abort()
    assert await content_of(bench.store, stored.key) == b"whole"
    assert bench.left_behind() == [stored.key]


async def test_a_commit_that_is_cancelled_leaves_the_whole_or_nothing(bench: Bench) -> None:
    for turns in range(0, 40, 4):
        upload = await bench.store.begin(new_key("png"))
        await upload.write(IN_PARTS)
        committing = asyncio.create_task(upload.commit())
        for _ in range(turns):
            await asyncio.sleep(0)
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)
        await upload.abort()
    for key in await keys_of(bench.store):
        assert await content_of(bench.store, key) == IN_PARTS
    assert list(bench.spool.iterdir()) == []
    await eventually(lambda: bench.unfinished() == 0)


async def test_many_uploads_at_once_do_not_mix(store: BlobStore) -> None:
    contents = [os.urandom(50_000) for _ in range(40)]
    stored = await asyncio.gather(*(put(store, content) for content in contents))
    for blob, content in zip(stored, contents, strict=True):
        assert await content_of(store, blob.key) == content


async def test_what_is_written_again_is_there_once_and_whole(bench: Bench) -> None:
    key = new_key("png")
    await put(bench.store, b"an older, longer content", key)
    await put(bench.store, b"newer", key)
    assert await content_of(bench.store, key) == b"newer"
    assert bench.left_behind() == [key]


async def test_deleting_twice_is_as_good_as_once(store: BlobStore) -> None:
    stored = await put(store, b"short-lived")
    await store.delete(stored.key)
    await store.delete(stored.key)
    assert await store.size(stored.key) is None
    assert await keys_of(store) == []


async def test_what_is_not_there_cannot_be_read(store: BlobStore) -> None:
    with pytest.raises(BlobMissing):
        await content_of(store, new_key("png"))
    with pytest.raises(BlobMissing):
        await content_of(store, new_key("png"), 0, 10)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 32 + ".png/../../x", ".probe", "A" * 32 + ".png"])
async def test_no_key_leads_outside(store: BlobStore, key: str) -> None:
    with pytest.raises(InvalidKey):
        store.local_path(key)
    with pytest.raises(InvalidKey):
        await store.begin(key)
    with pytest.raises(InvalidKey):
        await store.delete(key)
    with pytest.raises(InvalidKey):
        await store.size(key)
    with pytest.raises(InvalidKey):
        await store.link(key, 60)
    with pytest.raises(InvalidKey):
        await content_of(store, key, 0, 5)


async def test_blobs_are_listed_by_age_and_nothing_foreign_among_them(bench: Bench) -> None:
    stored = {(await put(bench.store, b"x")).key for _ in range(5)}
    for foreign in ("notes.txt", ".probe", "A" * 32 + ".png"):
        bench.place(foreign)
    assert set(await keys_of(bench.store)) == stored
    assert await keys_of(bench.store, older_than=NOTHING) == []


async def test_what_a_killed_process_left_is_swept(bench: Bench) -> None:
    """Nobody closed the upload: its process is gone."""
    upload = await bench.store.begin(new_key("png"))
    await upload.write(b"half")
    assert await bench.store.sweep_temporaries(older_than=60) == 0
    assert upload.path is not None
    assert upload.path.exists()
    os.utime(upload.path, (1, 1))
    assert await bench.store.sweep_temporaries(older_than=60) == 1
    assert bench.left_behind() == []
    await upload.abort()


async def test_a_store_that_works_says_so_and_is_as_before(bench: Bench) -> None:
    await bench.store.prepare()
    await asyncio.gather(*(bench.store.probe() for _ in range(5)))
    assert bench.left_behind() == []


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<svg onload=alert(1)>" + b" " * 100_000, ActiveContent),
        (b"", FileDamaged),
        (files.picture("PNG", 400, 300)[:50_000], FileDamaged),
        (files.video()[:-100], FileDamaged),
        (files.png_of_size(50_000, 50_000), PictureTooLarge),
    ],
)
async def test_what_an_arrival_refuses_is_never_seen(bench: Bench, content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        async with Arrival(bench.store, max_pixels=50_000_000) as arrival:
            await arrival.write(content)
            await arrival.commit()
    assert bench.left_behind() == []


@pytest.mark.parametrize("proven", [True, False])
async def test_an_arrival_is_stored_under_the_name_its_content_deserves(bench: Bench, proven: bool) -> None:
    content = files.picture("JPEG", 400, 300)
    async with Arrival(bench.store, max_pixels=50_000_000) as arrival:
        await arrival.write(content)
        file = await arrival.commit(proven_whole=proven)
    assert (file.content_type, file.width, file.height) == ("image/jpeg", 400, 300)
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert await content_of(bench.store, file.key) == content
    assert bench.left_behind() == [file.key]


async def test_an_arrival_that_is_given_up_in_the_middle_leaves_nothing(bench: Bench) -> None:
    async with Arrival(bench.store, max_pixels=50_000_000) as arrival:
        await arrival.write(files.picture("PNG", 400, 300))
    assert bench.left_behind() == []
