"""S3 and what speaks like it, against moto; and how the other buckets are opened, which needs no server."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.storage.bucket import Bucket
from app.storage.bucket_calls import BucketCalls
from app.storage.buckets import AzurePlace, GcsPlace, Patience, S3Place
from app.storage.errors import StorageUnavailable
from app.storage.keys import new_key
from app.storage.port import BlobStore, Stored
from app.storage.spool import Spool
from tests.house import eventually
from tests.ports import free_port
from tests.storage.benches import s3_place
from tests.storage.moto import RunningMoto, start_moto

ONCE = Patience(connect=10, request=10, retry=0.1, most_retries=0)
HURRIED = replace(ONCE, request=0.5)
AWS = S3Place("pictures", "production", "", "eu-central-1", True, "key", "secret-of-the-bucket")


@pytest.fixture
def calls() -> Iterator[BucketCalls]:
    with closing(BucketCalls()) as opened:
        yield opened


@pytest.fixture
def bucket(moto: RunningMoto) -> str:
    return moto.new_bucket()


def opened(
    place: S3Place | GcsPlace | AzurePlace, folder: Path, calls: BucketCalls, patience: Patience = ONCE
) -> Bucket:
    return Bucket(place.open(patience), spool=Spool(folder / "spool"), calls=calls, signs=place.signs)


async def put(store: BlobStore, content: bytes = b"content", extension: str = "png") -> Stored:
    upload = await store.begin(new_key(extension))
    await upload.write(content)
    return await upload.commit()


async def refused(store: Bucket) -> set[str]:
    """Ask for everything there is. The reasons given."""
    reasons = set()
    for ask in (put(store), store.size(new_key("png")), _all(store.read(new_key("png"), 0, 9)), store.probe()):
        with pytest.raises(StorageUnavailable) as error:
            await ask
        reasons.add(error.value.reason)
    return reasons


async def _all(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize(
    ("extension", "content_type", "disposition"),
    [("png", "image/png", "inline"), ("mp4", "video/mp4", "inline"), ("bin", "application/octet-stream", "attachment")],
)
async def test_what_a_bucket_serves_is_told_at_the_upload(
    moto: RunningMoto,
    bucket: str,
    tmp_path: Path,
    calls: BucketCalls,
    extension: str,
    content_type: str,
    disposition: str,
) -> None:
    store = opened(s3_place(moto, bucket), tmp_path, calls)
    for content in (b"small", b"large" * 2_000_000):
        link = await store.link((await put(store, content, extension)).key, 60)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(str(link), headers={"Range": "bytes=1-3"})
        assert (answer.status_code, answer.content) == (206, content[1:4])
        assert answer.headers["content-type"] == content_type
        assert answer.headers["cache-control"] == "public, max-age=2592000, immutable"
        assert answer.headers["content-disposition"] == disposition


async def test_a_link_names_one_blob_and_ends(
    moto: RunningMoto, bucket: str, tmp_path: Path, calls: BucketCalls
) -> None:
    store = opened(s3_place(moto, bucket), tmp_path, calls)
    key = new_key("png")
    link = urlsplit(str(await store.link(key, 900)))
    assert link.path == f"/{bucket}/outputs/{key}"
    assert parse_qs(link.query)["X-Amz-Expires"] == ["900"]
    assert "secret-of-the-bucket" not in link.geturl()


async def test_blobs_lie_under_their_prefix_and_others_are_not_seen(
    moto: RunningMoto, bucket: str, tmp_path: Path, calls: BucketCalls
) -> None:
    ours = opened(s3_place(moto, bucket), tmp_path, calls)
    theirs = opened(replace(s3_place(moto, bucket), prefix="preview"), tmp_path, calls)
    stored = await put(ours)
    assert moto.names(bucket) == [f"outputs/{stored.key}"]
    assert [key async for key in theirs.keys(-60)] == []
    assert await theirs.size(stored.key) is None
    await theirs.delete(stored.key)
    assert await ours.size(stored.key) == stored.size


@pytest.mark.parametrize(
    ("place", "address"),
    [
        (AWS, "https://s3.eu-central-1.amazonaws.com/pictures/production/"),
        (replace(AWS, path_style=False), "https://pictures.s3.eu-central-1.amazonaws.com/production/"),
        (
            replace(AWS, endpoint="https://account.r2.cloudflarestorage.com", region=""),
            "https://account.r2.cloudflarestorage.com/pictures/production/",
        ),
        (
            replace(AWS, endpoint="https://fly.storage.tigris.dev", region="auto", path_style=False),
            "https://pictures.fly.storage.tigris.dev/production/",
        ),
    ],
)
async def test_each_service_is_asked_at_its_own_address(
    place: S3Place, address: str, tmp_path: Path, calls: BucketCalls
) -> None:
    link = await opened(place, tmp_path, calls).link(new_key("png"), 60)
    assert str(link).startswith(address)


async def test_a_bucket_that_was_deleted_takes_nothing_and_loses_nothing(
    moto: RunningMoto, bucket: str, tmp_path: Path, calls: BucketCalls
) -> None:
    store = opened(s3_place(moto, bucket), tmp_path, calls)
    stored = await put(store)
    moto.remove_bucket(bucket)
    with pytest.raises(StorageUnavailable) as error:
        await put(store)
    assert error.value.reason == "BUCKET_MISSING"
    with pytest.raises(StorageUnavailable):
        await store.probe()
    assert await store.size(stored.key) is None
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_bucket_out_of_reach_is_unavailable_in_every_way(tmp_path: Path, calls: BucketCalls) -> None:
    nowhere = replace(AWS, endpoint=f"http://127.0.0.1:{free_port()}")
    assert await refused(opened(nowhere, tmp_path, calls)) == {"UNREACHABLE"}
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_bucket_that_stalls_is_not_waited_for(tmp_path: Path, calls: BucketCalls) -> None:
    """It takes connections and says nothing."""
    ends: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: ends.append(writer), "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    try:
        assert await refused(opened(replace(AWS, endpoint=endpoint), tmp_path, calls, HURRIED)) == {"TIMEOUT"}
    finally:
        silent.close()
        for end in ends:
            end.close()


async def test_an_upload_that_breaks_off_leaves_no_parts(
    moto: RunningMoto, bucket: str, tmp_path: Path, calls: BucketCalls
) -> None:
    store = opened(replace(s3_place(moto, bucket)), tmp_path, calls)
    upload = await store.begin(new_key("png"))
    await upload.write(b"x" * 40_000_000)
    committing = asyncio.create_task(upload.commit())
    await eventually(lambda: moto.unfinished(bucket) == 1 or committing.done())
    committing.cancel()
    await asyncio.gather(committing, return_exceptions=True)
    await eventually(lambda: moto.unfinished(bucket) == 0)
    assert moto.names(bucket) == []
    assert list((tmp_path / "spool").iterdir()) == []


async def test_wrong_credentials_are_named_as_such(tmp_path: Path, calls: BucketCalls) -> None:
    """moto asks for none, until it is told to."""
    own = start_moto(tmp_path)
    try:
        name = own.new_bucket()
        own.ask_for_credentials()
        reasons = await refused(opened(s3_place(own, name), tmp_path, calls))
    finally:
        own.stop()
    assert reasons == {"InvalidAccessKeyId", "ACCESS_DENIED"}


def test_short_commands_end_in_peace(moto: RunningMoto, bucket: str, tmp_path: Path) -> None:
    """A process that ends right after a call of obstore: with its coroutines, one in ten was aborted."""
    script = f"""
import asyncio
from pathlib import Path
from app.storage.bucket import Bucket
from app.storage.bucket_calls import BucketCalls
from app.storage.buckets import S3Place
from app.storage.spool import Spool
async def main():
    place = S3Place({bucket!r}, "outputs", {moto.url!r}, "us-east-1", True, "key", "secret")
    store = Bucket(place.open(), spool=Spool(Path({str(tmp_path)!r})), calls=BucketCalls(), signs=True)
    await asyncio.gather(*(store.probe() for _ in range(3)))
asyncio.run(main())
"""
    running = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(8)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 8


async def test_no_secret_shows_where_a_bucket_is_shown(tmp_path: Path, calls: BucketCalls) -> None:
    azure = AzurePlace("pictures", "production", "account", "c2VjcmV0LW9mLXRoZS1idWNrZXQ=")
    for place in (AWS, azure):
        store = opened(place, tmp_path, calls)
        for shown in (place, store, place.open()):
            assert "secret-of" not in repr(shown)
            assert "c2VjcmV0" not in repr(shown)


async def test_google_signs_links_here_if_it_has_a_key(tmp_path: Path, calls: BucketCalls) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = tmp_path / "service-account.json"
    account = {"type": "service_account", "client_email": "a@b.iam.example", "private_key": pem, "private_key_id": "1"}
    file.write_text(json.dumps(account))
    link = await opened(GcsPlace("pictures", "production", file), tmp_path, calls).link(name := new_key("png"), 900)
    assert str(link).startswith(f"https://storage.googleapis.com/pictures/production/{name}?")
    assert parse_qs(urlsplit(str(link)).query)["X-Goog-Expires"] == ["900"]


async def test_azure_signs_links_here_if_it_has_a_key(tmp_path: Path, calls: BucketCalls) -> None:
    place = AzurePlace("pictures", "production", "account", "c2VjcmV0LW9mLXRoZS1idWNrZXQ=")
    link = await opened(place, tmp_path, calls).link(name := new_key("png"), 900)
    assert str(link).startswith(f"https://account.blob.core.windows.net/pictures/production/{name}?")
    assert parse_qs(urlsplit(str(link)).query)["sp"] == ["r"]


async def test_who_has_no_key_of_its_own_gives_no_links(tmp_path: Path, calls: BucketCalls) -> None:
    """They could only be had by asking the cloud for each, which not every identity may."""
    for place in (GcsPlace("pictures", "production", None), AzurePlace("pictures", "production", "account")):
        assert await opened(place, tmp_path, calls).link(new_key("png"), 900) is None


def test_a_house_with_a_disk_of_its_own_loads_no_buckets() -> None:
    script = "import sys, app.cli.main, app.worker; print('obstore' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
