"""Stored outputs: right, whole or in part, cached for good, and nothing that a browser could run."""

import hashlib
import shutil
from typing import Any

import pytest

from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import file_stored

CONTENT = bytes(range(256)) * 40
ETAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


@pytest.fixture(scope="module")
async def path(holder: House) -> str:
    return f"/files/{await file_stored(holder, CONTENT, 'image/png', 'png')}"


async def test_a_file_is_what_was_stored(holder: House, path: str) -> None:
    answer = await holder.client.get(path)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert {name: answer.headers[name] for name in (
        "content-type", "content-length", "etag", "cache-control", "accept-ranges", "content-disposition",
        "x-content-type-options", "content-security-policy", "cross-origin-resource-policy",
    )} == {
        "content-type": "image/png",
        "content-length": str(len(CONTENT)),
        "etag": ETAG,
        "cache-control": "public, max-age=2592000, immutable",
        "accept-ranges": "bytes",
        "content-disposition": "inline",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
    }  # fmt: skip


async def test_head_tells_the_same_without_the_bytes(holder: House, path: str) -> None:
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = await holder.client.head(path, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"")
        assert (answer.headers["content-length"], answer.headers["etag"]) == (str(len(CONTENT)), ETAG)


@pytest.mark.parametrize("known", [ETAG, f"W/{ETAG}", f'"a", {ETAG}', "*"])
async def test_what_is_known_is_not_sent_again(holder: House, path: str, known: str) -> None:
    answer = await holder.client.get(path, headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", ETAG)
    assert "immutable" in answer.headers["cache-control"]


RANGES = {
    "bytes=0-0": slice(0, 1),
    "bytes=0-99": slice(0, 100),
    "bytes=100-": slice(100, None),
    "bytes=-7": slice(-7, None),
    "bytes=-999999": slice(0, None),
    "bytes=10200-999999": slice(10200, None),
}


@pytest.mark.parametrize("wanted", RANGES)
async def test_a_part_may_be_asked_for(holder: House, path: str, wanted: str) -> None:
    answer = await holder.client.get(path, headers={"Range": wanted})
    part = CONTENT[RANGES[wanted]]
    assert (answer.status_code, answer.content) == (206, part)
    first = CONTENT.index(part) if len(part) > 300 else len(CONTENT) - len(part) if wanted[6] == "-" else None
    assert answer.headers["content-range"].endswith(f"/{len(CONTENT)}")
    assert first is None or answer.headers["content-range"].startswith(f"bytes {first}-")
    assert answer.headers["content-length"] == str(len(part))
    assert answer.headers["etag"] == ETAG


@pytest.mark.parametrize("wanted", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
async def test_a_part_behind_the_end_is_refused(holder: House, path: str, wanted: str) -> None:
    answer = await holder.client.get(path, headers={"Range": wanted})
    assert_problem(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    "wanted", ["bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-3", "lines=1-2", "bytes=0-1,5-9", "bytes=٠-٩", ""]
)
async def test_a_range_that_makes_no_sense_is_ignored(holder: House, path: str, wanted: str) -> None:
    answer = await holder.client.get(path, headers=[(b"Range", wanted.encode())])
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize(("condition", "status"), [(ETAG, 206), ('"other"', 200), (f"W/{ETAG}", 200)])
async def test_a_part_of_another_file_is_not_sent(holder: House, path: str, condition: str, status: int) -> None:
    answer = await holder.client.get(path, headers={"Range": "bytes=0-9", "If-Range": condition})
    assert answer.status_code == status


async def test_what_browsers_do_not_show_is_downloaded(holder: House) -> None:
    key = await file_stored(holder, b"bytes", "application/octet-stream", "bin")
    answer = await holder.client.get(f"/files/{key}")
    assert answer.headers["content-disposition"] == "attachment"


KEYS = [
    "a" * 32 + ".png",
    "nothing",
    "a.png",
    "%2e%2e",
    "..%5c..%5cetc",
    "%00",
    "a" * 32 + ".png%00",
    "A" * 32 + ".PNG",
    "a" * 32 + ".p_g",
    "x" * 9000,
    "%F0%9F%A6%8A",
]


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_that_opens_nothing_is_not_found(holder: House, key: str) -> None:
    answer = await holder.client.get(f"/files/{key}")
    assert_problem(answer, 404, "not_found" if key in ("..",) else "file_not_found")


@pytest.mark.parametrize("path", ["/files/../pg", "/files/..%2f..%2fetc%2fpasswd", "/files//etc/passwd", "/files/a/b"])
async def test_there_is_no_way_around(holder: House, path: str) -> None:
    answer = await holder.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_file_that_is_not_stored_yet_is_not_found(front: House) -> None:
    key = await file_stored(front, CONTENT, "image/png", "png")
    await front.rows("UPDATE files SET state = 'pending'")
    assert_problem(await front.client.get(f"/files/{key}"), 404, "file_not_found")


async def test_a_file_that_was_removed_is_not_found(front: House) -> None:
    key = await file_stored(front, CONTENT, "image/png", "png")
    (front.settings.blobs_folder / key[:2] / key).unlink()
    assert_problem(await front.client.get(f"/files/{key}"), 404, "file_not_found")


async def test_a_disk_that_is_gone_is_no_file_that_is_gone(front: House) -> None:
    key = await file_stored(front, CONTENT, "image/png", "png")
    shutil.rmtree(front.settings.blobs_folder)
    document: dict[str, Any] = assert_problem(await front.client.get(f"/files/{key}"), 503, "unavailable")
    assert document["retry_after"] >= 1
