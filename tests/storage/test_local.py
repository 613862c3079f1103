import asyncio
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.storage.errors import BlobMissing, InvalidKey, StorageUnavailable
from app.storage.keys import new_key
from app.storage.local import LocalStore, LocalUpload
from app.storage.port import BlobStore, Stored, Upload

CONTENT = os.urandom(600_000)


async def put(store: LocalStore, content: bytes = CONTENT) -> Stored:
    upload = await store.begin(new_key("png"))
    for start in range(0, len(content), 100_000):
        await upload.write(content[start : start + 100_000])
    return await upload.commit()


async def content_of(store: LocalStore, key: str) -> bytes:
    return b"".join([piece async for piece in store.read(key)])


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def grow_old(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


async def test_a_local_store_is_a_blob_store(store: LocalStore) -> None:
    port: BlobStore = store
    upload: Upload = await port.begin(new_key("png"))
    await upload.abort()


async def test_a_blob_reads_back_as_written_with_its_size_and_hash(store: LocalStore) -> None:
    stored = await put(store)
    assert stored.size == len(CONTENT)
    assert stored.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert await content_of(store, stored.key) == CONTENT
    assert store.local_path(stored.key).read_bytes() == CONTENT
    assert await store.size(stored.key) == len(CONTENT)


async def test_a_blob_is_invisible_until_it_is_committed(store: LocalStore) -> None:
    key = new_key("png")
    upload = await store.begin(key)
    await upload.write(b"half")
    assert await store.size(key) is None
    assert [k async for k in store.keys(older_than=-60)] == []
    assert upload.path.read_bytes() == b"half"
    await upload.commit()
    assert [k async for k in store.keys(older_than=-60)] == [key]


async def test_an_empty_blob_is_a_blob(store: LocalStore) -> None:
    assert (await put(store, b"")).size == 0


async def test_an_aborted_upload_leaves_nothing(store: LocalStore, tmp_path: Path) -> None:
    upload = await store.begin(new_key("png"))
    await upload.write(b"half")
    await upload.abort()
    await upload.abort()
    assert files_below(tmp_path) == []
    with pytest.raises(StorageUnavailable):
        await upload.write(b"more")
    with pytest.raises(StorageUnavailable):
        await upload.commit()
    assert files_below(tmp_path) == []


async def test_abort_after_commit_takes_nothing_away(store: LocalStore) -> None:
    upload = await store.begin(new_key("png"))
    await upload.write(b"whole")
    stored = await upload.commit()
    await upload.abort()
    assert await content_of(store, stored.key) == b"whole"


async def test_an_upload_that_was_never_written_aborts_quietly(store: LocalStore) -> None:
    await (await store.begin(new_key("png"))).abort()


async def test_a_cancelled_write_and_the_abort_after_it_do_not_cross(store: LocalStore, tmp_path: Path) -> None:
    """The thread goes on after its caller was cancelled; the abort has the last word nevertheless."""
    for _ in range(20):
        upload = await store.begin(new_key("png"))
        await upload.write(b"x")
        writing = asyncio.create_task(upload.write(CONTENT))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await upload.abort()
    assert files_below(tmp_path) == []


async def test_many_uploads_at_once_do_not_mix(store: LocalStore) -> None:
    contents = [os.urandom(50_000) for _ in range(40)]
    stored = await asyncio.gather(*(put(store, content) for content in contents))
    for blob, content in zip(stored, contents, strict=True):
        assert await content_of(store, blob.key) == content


async def test_deleting_twice_is_as_good_as_once(store: LocalStore) -> None:
    stored = await put(store)
    await store.delete(stored.key)
    await store.delete(stored.key)
    assert await store.size(stored.key) is None
    with pytest.raises(BlobMissing):
        await content_of(store, stored.key)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a" * 32 + ".png/../../x"])
async def test_no_key_leads_outside(store: LocalStore, key: str) -> None:
    with pytest.raises(InvalidKey):
        store.local_path(key)
    with pytest.raises(InvalidKey):
        await store.begin(key)
    with pytest.raises(InvalidKey):
        await store.delete(key)
    with pytest.raises(InvalidKey):
        await store.size(key)
    with pytest.raises(InvalidKey):
        await content_of(store, key)


async def test_only_old_blobs_are_listed_for_the_sweep(store: LocalStore) -> None:
    old, young = await put(store, b"old"), await put(store, b"young")
    grow_old(store.local_path(old.key), 500)
    assert [key async for key in store.keys(older_than=120)] == [old.key]
    assert {key async for key in store.keys(older_than=-60)} == {old.key, young.key}


async def test_foreign_files_in_the_folder_are_not_ours_to_list(store: LocalStore, tmp_path: Path) -> None:
    root = tmp_path / "blobs"
    (root / "lost+found").mkdir()
    (root / "ab").mkdir()
    (root / "ab" / "readme.txt").write_text("hello")
    (root / "notes.txt").write_text("hello")
    assert [key async for key in store.keys(older_than=-60)] == []


async def test_old_temporaries_are_swept_and_young_ones_left(store: LocalStore) -> None:
    abandoned = await store.begin(new_key("png"))
    await abandoned.write(b"half")
    grow_old(abandoned.path, 500)
    busy = await store.begin(new_key("png"))
    await busy.write(b"half")
    assert await store.sweep_temporaries(older_than=120) == 1
    assert await content_of(store, (await busy.commit()).key) == b"half"
    with pytest.raises(StorageUnavailable):  # its worker was frozen so long that it lost its file
        await abandoned.commit()


async def test_a_probe_leaves_nothing_and_tells_the_room(store: LocalStore, tmp_path: Path) -> None:
    room = await store.probe()
    assert room.free_bytes is not None
    assert room.free_bytes > 0
    assert files_below(tmp_path) == []


async def test_preparing_twice_keeps_everything(store: LocalStore, tmp_path: Path) -> None:
    stored = await put(store)
    again = LocalStore(tmp_path / "blobs")
    await again.prepare()
    assert await content_of(again, stored.key) == CONTENT


async def test_a_disk_that_vanished_is_unavailable_and_not_made_anew(store: LocalStore, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "blobs")
    with pytest.raises(StorageUnavailable) as error:
        await put(store)
    assert error.value.reason == "ENOENT"
    with pytest.raises(StorageUnavailable):
        await store.probe()
    with pytest.raises(StorageUnavailable):
        await store.sweep_temporaries(older_than=0)
    assert not (tmp_path / "blobs").exists()


async def test_a_shard_that_was_removed_is_made_again(store: LocalStore) -> None:
    key = new_key("png")
    for _ in range(2):
        upload = await store.begin(key)
        await upload.write(b"x")
        await upload.commit()
        shutil.rmtree(store.local_path(key).parent)
    assert await store.size(key) is None


async def test_a_full_disk_is_unavailable_and_nothing_remains(tmp_path: Path) -> None:
    """Through /dev/full, which can be opened but takes no byte."""

    def settle(path: Path, name: str) -> None:
        raise AssertionError("a file that could not be written was stored")

    upload = LocalUpload(new_key("png"), tmp_path / "temporary", settle)
    upload.path.touch()
    upload._file = await asyncio.to_thread(Path("/dev/full").open, "wb")
    with pytest.raises(StorageUnavailable) as error:
        await upload.write(CONTENT)
    assert error.value.reason == "ENOSPC"
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("trouble", [errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
async def test_trouble_at_the_last_step_leaves_no_temporary(tmp_path: Path, trouble: int) -> None:
    def settle(path: Path, name: str) -> None:
        raise OSError(trouble, os.strerror(trouble))

    upload = LocalUpload(new_key("png"), tmp_path / "temporary", settle)
    await upload.write(CONTENT)
    with pytest.raises(StorageUnavailable) as error:
        await upload.commit()
    assert error.value.reason == errno.errorcode[trouble]
    assert files_below(tmp_path) == []


async def test_the_disk_is_never_waited_for_on_the_loop(tmp_path: Path) -> None:
    threads: list[int] = []

    def settle(path: Path, name: str) -> None:
        threads.append(threading.get_ident())

    upload = LocalUpload(new_key("png"), tmp_path / "temporary", settle)
    await upload.commit()
    assert threads != [threading.get_ident()]


@pytest.mark.skipif(not sys.platform.startswith("linux") or not shutil.which("strace"), reason="needs strace")
def test_the_order_is_write_sync_rename_sync(tmp_path: Path) -> None:
    script = f"""
import asyncio
from pathlib import Path
from app.storage.local import LocalStore
from app.storage.keys import new_key
async def main():
    store = LocalStore(Path({str(tmp_path / "blobs")!r}))
    await store.prepare()
    upload = await store.begin(new_key("png"))
    await upload.write(b"x")
    await upload.commit()
asyncio.run(main())
"""
    log = tmp_path / "log"
    calls = "trace=fsync,rename,renameat,renameat2,mkdir,mkdirat"
    subprocess.run(["strace", "-f", "-y", "-o", str(log), "-e", calls, sys.executable, "-c", script], check=True)
    seen = [line.split(None, 1)[1].split("(")[0] for line in log.read_text().splitlines() if "blobs" in line]
    assert seen == ["mkdir", "mkdir", "fsync", "fsync", "mkdir", "fsync", "rename", "fsync"]
