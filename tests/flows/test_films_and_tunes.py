"""Videos and music: bought, stored as what they are, and served in parts, as players ask for them."""

from typing import Any

import pytest

from tests.house import House
from tests.storage import files
from tests.web.steps import file_stored

FILM = {"model": "truefusion-video", "input": {"prompt": "a fox", "duration_seconds": 3}}
WAV = {"model": "beatfusion-2.0", "input": {"lyrics": "a fox, a fox", "sample_rate": 16_000}}
MP3 = {"model": "beatfusion-2.0", "input": {"lyrics": "a fox, a fox", "audio_format": "mp3"}}


@pytest.mark.parametrize(
    ("order", "content_type", "extension"),
    [(FILM, "video/mp4", "mp4"), (WAV, "audio/wav", "wav"), (MP3, "audio/mpeg", "mp3")],
)
async def test_it_is_stored_and_played(house: House, order: dict[str, Any], content_type: str, extension: str) -> None:
    final = await house.final((await house.client.post("/api/predictions", json=order)).json()["id"])
    assert (final["status"], final["error"]) == ("succeeded", None)
    (file,) = final["files"]
    assert file["content_type"] == content_type
    assert file["url"].endswith(f".{extension}")
    await _plays(house, file["url"], content_type, file["bytes"])


async def test_a_film_tells_its_pixels(house: House) -> None:
    final = await house.final((await house.client.post("/api/predictions", json=FILM)).json()["id"])
    (file,) = final["files"]
    assert (file["width"], file["height"]) == (256, 144)


@pytest.mark.parametrize(
    ("content", "content_type", "extension"),
    [
        (files.WEBM, "video/webm", "webm"),
        (files.video(brand=b"qt  "), "video/quicktime", "mov"),
        (files.MP3, "audio/mpeg", "mp3"),
        (files.OGG, "audio/ogg", "ogg"),
    ],
)
async def test_other_kinds_are_played_too(front: House, content: bytes, content_type: str, extension: str) -> None:
    key = await file_stored(front, content, content_type, extension)
    await _plays(front, f"/files/{key}", content_type, len(content))


async def _plays(house: House, url: str, content_type: str, size: int) -> None:
    """A browser asks for all from the start, learns the size, and then for what it needs."""
    whole = (await house.client.get(url)).content
    opened = await house.client.get(url, headers={"Range": "bytes=0-"})
    assert (opened.status_code, opened.headers["content-range"]) == (206, f"bytes 0-{size - 1}/{size}")
    assert (opened.headers["content-type"], opened.headers["content-disposition"]) == (content_type, "inline")
    middle = await house.client.get(url, headers={"Range": f"bytes={size // 2}-", "If-Range": opened.headers["etag"]})
    assert (middle.status_code, middle.content) == (206, whole[size // 2 :])
    tail = await house.client.get(url, headers={"Range": "bytes=-5"})
    assert (tail.content, opened.content) == (whole[-5:], whole)
