import hashlib
from pathlib import Path

import pytest

from app.storage.arrival import Arrival, StoredFile
from app.storage.errors import ActiveContent, FileDamaged, PictureTooLarge, StorageUnavailable
from app.storage.local import LocalStore
from tests.storage import files

MAX_PIXELS = 50_000_000


async def arrive(store: LocalStore, content: bytes, *, step: int = 1000, proven_whole: bool = True) -> StoredFile:
    async with Arrival(store, max_pixels=MAX_PIXELS) as arrival:
        for start in range(0, len(content), step):
            await arrival.write(content[start : start + step])
        return await arrival.commit(proven_whole=proven_whole)


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("step", [997, 65_536, 10_000_000])
async def test_a_file_is_stored_under_the_name_its_content_deserves(store: LocalStore, step: int) -> None:
    content = files.picture("PNG", 400, 300)
    assert len(content) > 65_536
    file = await arrive(store, content, step=step)
    assert file.key.endswith(".png")
    assert (file.content_type, file.width, file.height) == ("image/png", 400, 300)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert store.local_path(file.key).read_bytes() == content


async def test_a_file_shorter_than_a_head_is_stored_as_well(store: LocalStore) -> None:
    assert (await arrive(store, b"hello")).content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<svg onload=alert(1)>" + b" " * 100_000, ActiveContent),
        (b"<html>", ActiveContent),
        (b"", FileDamaged),
        (b"\x89PNG\r\n\x1a\n", FileDamaged),
        (files.png_of_size(50_000, 50_000), PictureTooLarge),
    ],
)
async def test_what_is_refused_leaves_nothing(
    store: LocalStore, tmp_path: Path, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await arrive(store, content)
    assert left_in(tmp_path) == []


async def test_an_unproven_length_is_proven_by_the_picture_itself(store: LocalStore, tmp_path: Path) -> None:
    content = files.picture("JPEG", 400, 300)
    with pytest.raises(FileDamaged):
        await arrive(store, content[:-3], proven_whole=False)
    assert left_in(tmp_path) == []
    assert (await arrive(store, content, proven_whole=False)).size == len(content)


async def test_what_is_not_committed_is_gone(store: LocalStore, tmp_path: Path) -> None:
    async with Arrival(store, max_pixels=MAX_PIXELS) as arrival:
        await arrival.write(files.picture("PNG", 400, 300))
    assert left_in(tmp_path) == []


async def test_a_store_in_trouble_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        await arrive(LocalStore(tmp_path / "never-prepared"), files.picture("PNG"))
