"""A stored picture's small one: told, served, hidden and removed with it."""

import base64
import io
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from app.actions.sweep_orphans import sweep_orphans
from app.bootstrap import open_services
from tests.cli.test_commands import darkroom
from tests.house import House
from tests.web.problems import assert_problem


async def made(house: House, **given: Any) -> dict[str, Any]:
    body = {"model": "truefusion-pro", "input": {"prompt": "a red fox", **given}}
    created = (await house.client.post("/api/predictions", json=body)).json()
    return await house.final(created["id"])


def path_of(url: str) -> str:
    return urlsplit(url).path


async def test_every_stored_picture_has_a_thumbnail_and_a_hash(house: House) -> None:
    final = await made(house, num_outputs=3)
    assert len({file["thumbnail_url"] for file in final["files"]}) == 3
    for file in final["files"]:
        answer = await house.client.get(file["thumbnail_url"])
        small = Image.open(io.BytesIO(answer.content))
        assert (answer.headers["content-type"], small.format, small.size) == ("image/webp", "WEBP", (512, 512))
        assert 5 <= len(base64.b64decode(file["thumbhash"])) <= 25
    assert final["output"] == [file["url"] for file in final["files"]]


async def test_a_thumbnail_is_served_as_an_output_is(house: House) -> None:
    (file,) = (await made(house))["files"]
    output, small = [await house.client.get(file[name]) for name in ("url", "thumbnail_url")]
    for name in ("cache-control", "accept-ranges", "content-disposition", "x-content-type-options",
                 "content-security-policy", "cross-origin-resource-policy"):  # fmt: skip
        assert small.headers[name] == output.headers[name]
    assert small.headers["etag"] != output.headers["etag"]
    again = await house.client.get(file["thumbnail_url"], headers={"If-None-Match": small.headers["etag"]})
    assert again.status_code == 304
    part = await house.client.get(file["thumbnail_url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


async def test_what_is_no_picture_has_none(house: House) -> None:
    body = {"model": "truefusion-video", "input": {"prompt": "a fox", "duration_seconds": 3}}
    created = (await house.client.post("/api/predictions", json=body)).json()
    (file,) = (await house.final(created["id"]))["files"]
    assert (file["state"], file["thumbnail_url"], file["thumbhash"]) == ("stored", None, None)


async def test_in_quarantine_neither_thumbnail_nor_hash_is_shown(house: House) -> None:
    final = await made(house)
    before = final["files"][0]
    await darkroom(house, "quarantine", final["id"])
    (hidden,) = (await house.client.get(f"/api/predictions/{final['id']}")).json()["files"]
    assert (hidden["thumbnail_url"], hidden["thumbhash"]) == (None, None)
    assert_problem(await house.client.get(before["thumbnail_url"]), 404, "file_not_found")
    await darkroom(house, "quarantine", final["id"], "--release")
    (shown,) = (await house.client.get(f"/api/predictions/{final['id']}")).json()["files"]
    assert shown == before
    assert (await house.client.get(before["thumbnail_url"])).status_code == 200


async def test_a_deleted_prediction_takes_its_thumbnails_along(house: House) -> None:
    final = await made(house, num_outputs=2)
    assert len(list(house.settings.blobs_folder.glob("??/*-thumb.webp"))) == 2
    assert (await house.client.delete(f"/api/predictions/{final['id']}")).status_code == 200
    assert list(house.settings.blobs_folder.glob("??/*")) == []
    for file in final["files"]:
        assert_problem(await house.client.get(path_of(file["thumbnail_url"])), 404, "file_not_found")


async def test_the_sweep_knows_thumbnails_that_belong_to_somebody(house: House) -> None:
    (file,) = (await made(house))["files"]
    async with open_services(house.settings) as services:
        assert await sweep_orphans(services.database, services.blobs, older_than=-60) == 0
        await house.rows("UPDATE files SET thumb_key = NULL")
        assert await sweep_orphans(services.database, services.blobs, older_than=-60) == 1
    (told,) = (await house.client.get("/api/predictions")).json()["data"][0]["files"]
    assert (told["url"], told["thumbnail_url"]) == (file["url"], None)
