"""Files in a bucket: where our door sends people, and what it says while the bucket has trouble."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.settings import Settings
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.storage.moto import RunningMoto
from tests.web.problems import assert_problem
from tests.web.steps import file_stored

CONTENT = bytes(range(256)) * 40
CDN = "https://cdn.example.com"
Open = Callable[..., Awaitable[House]]


@pytest.fixture
def bucket(moto: RunningMoto) -> str:
    return moto.new_bucket()


@pytest.fixture
async def opened(
    settings: Settings, fresh_emulator: RunningEmulator, moto: RunningMoto, bucket: str
) -> AsyncIterator[Open]:
    """A front whose outputs are in the bucket, with more settings."""
    async with AsyncExitStack() as stack:

        async def open_it(**more: Any) -> House:
            changed = settings.model_copy(update=moto.settings(bucket) | more)
            return await stack.enter_async_context(open_house(changed, fresh_emulator, with_worker=False))

        yield open_it


async def followed(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def test_a_file_in_a_bucket_is_had_from_there_for_a_while(opened: Open, bucket: str) -> None:
    house = await opened()
    key = await file_stored(house, CONTENT, "image/png", "png")
    answer = await house.client.get(f"/files/{key}")
    link = urlsplit(answer.headers["location"])
    assert (answer.status_code, answer.content) == (307, b"")
    assert (link.path, parse_qs(link.query)["X-Amz-Expires"]) == (f"/{bucket}/test/{key}", ["900"])
    assert answer.headers["cache-control"] == "private, max-age=300"
    assert "etag" not in answer.headers
    there = await followed(link.geturl())
    assert (there.status_code, there.content) == (200, CONTENT)
    assert there.headers["content-type"] == "image/png"
    assert there.headers["cache-control"] == "public, max-age=2592000, immutable"


async def test_head_and_what_is_known_are_answered_here(opened: Open) -> None:
    house = await opened()
    key = await file_stored(house, CONTENT, "image/png", "png")
    answer = await house.client.head(f"/files/{key}")
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(CONTENT)))
    assert answer.headers["content-type"] == "image/png"
    known = await house.client.get(f"/files/{key}", headers={"If-None-Match": answer.headers["etag"]})
    assert (known.status_code, known.headers["etag"]) == (304, answer.headers["etag"])


async def test_a_key_that_opens_nothing_leads_nowhere(opened: Open) -> None:
    house = await opened()
    assert_problem(await house.client.get(f"/files/{'a' * 32}.png"), 404, "file_not_found")


async def test_a_file_in_quarantine_leads_nowhere(opened: Open) -> None:
    house = await opened()
    key = await file_stored(house, CONTENT, "image/png", "png")
    await house.rows("UPDATE files SET quarantined_at = now()")
    assert_problem(await house.client.get(f"/files/{key}"), 404, "file_not_found")


async def test_a_cdn_is_named_in_answers_and_where_our_door_leads(opened: Open) -> None:
    house = await opened(cdn_url=CDN)
    key = await file_stored(house, CONTENT, "image/png", "png")
    answer = await house.client.get(f"/files/{key}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{CDN}/test/{key}")
    (prediction,) = (await house.client.get("/api/predictions")).json()["data"]
    assert [file["url"] for file in prediction["files"]] == [f"{CDN}/test/{key}"]


async def test_a_signed_cdn_is_reached_through_our_door_alone(opened: Open, tmp_path: Path) -> None:
    pair = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "key.pem"
    file.write_bytes(pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    house = await opened(cdn_url=CDN, cloudfront_key_pair_id="K2", cloudfront_private_key_file=file)
    key = await file_stored(house, CONTENT, "image/png", "png")
    link, _, query = (await house.client.get(f"/files/{key}")).headers["location"].partition("?")
    said = parse_qs(query)
    assert (link, said["Key-Pair-Id"]) == (f"{CDN}/test/{key}", ["K2"])
    condition = {"DateLessThan": {"AWS:EpochTime": int(said["Expires"][0])}}
    policy = json.dumps({"Statement": [{"Resource": link, "Condition": condition}]}, separators=(",", ":"))
    signature = base64.b64decode(said["Signature"][0].translate(str.maketrans("-_~", "+=/")))
    pair.public_key().verify(signature, policy.encode(), padding.PKCS1v15(), SHA1())
    (prediction,) = (await house.client.get("/api/predictions")).json()["data"]
    assert [file["url"] for file in prediction["files"]] == [f"{house.settings.public_url}/files/{key}"]


async def test_a_file_that_was_removed_from_the_bucket_is_not_found(
    opened: Open, moto: RunningMoto, bucket: str
) -> None:
    house = await opened(serve_files="stream")
    key = await file_stored(house, CONTENT, "image/png", "png")
    moto.remove(bucket, f"test/{key}")
    assert_problem(await house.client.get(f"/files/{key}"), 404, "file_not_found")


async def test_a_bucket_that_is_gone_is_no_file_that_is_gone(opened: Open, moto: RunningMoto, bucket: str) -> None:
    house = await opened(serve_files="stream")
    key = await file_stored(house, CONTENT, "image/png", "png")
    moto.remove_bucket(bucket)
    document = assert_problem(await house.client.get(f"/files/{key}"), 503, "unavailable")
    assert document["retry_after"] >= 1
    ready = await house.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["blobs"]) == (503, "not writable (BUCKET_MISSING)")


async def test_a_bucket_that_works_is_ready_and_left_as_it_was(opened: Open, moto: RunningMoto, bucket: str) -> None:
    house = await opened()
    for _ in range(3):
        assert (await house.client.get("/health/ready")).json()["checks"]["blobs"] == "ok"
    assert moto.names(bucket) == []


async def test_a_stream_that_breaks_off_is_never_taken_for_the_file(
    opened: Open, moto: RunningMoto, bucket: str
) -> None:
    house = await opened(serve_files="stream")
    content = CONTENT * 500
    key = await file_stored(house, content, "image/png", "png")
    got = 0
    with pytest.raises(httpx.RemoteProtocolError):
        async with house.client.stream("GET", f"/files/{key}") as answer:
            moto.remove(bucket, f"test/{key}")
            async for piece in answer.aiter_raw():
                got += len(piece)
    assert 0 < got < len(content)


async def test_many_readers_at_once_get_their_own(opened: Open) -> None:
    house = await opened(serve_files="stream")
    contents = [bytes([number]) * 3_000_000 for number in range(8)]
    keys = [await file_stored(house, content, "image/png", "png") for content in contents]
    answers = await asyncio.gather(*(house.client.get(f"/files/{key}") for key in keys))
    assert [answer.content for answer in answers] == contents
