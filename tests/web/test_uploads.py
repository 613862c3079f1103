"""`/api/files`: pictures to work on, kept bare, found by their ids, and nothing of what is refused."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from app.domain.pictures import data_uri
from app.settings import Settings
from app.storage.inputs import LARGEST_INPUT
from app.stores import open_blobs
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.storage.pictures import SECRET, encoded, opened, picture, telling
from tests.web.problems import assert_problem
from tests.web.steps import key_for
from tests.web.test_disk_space import MORE_THAN_ANY_DISK
from tests.web.test_slow_clients import line_to, problem_in

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
FORM = "multipart/form-data; boundary=xx"
MODEL = "truefusion-2.0"
NO_FILE = "file_" + "0" * 32


async def send(house: House, content: bytes, name: str = "a.png", **options: Any) -> httpx.Response:
    return await house.client.post("/api/files", files={"file": (name, content)}, **options)


async def sent(house: House, content: bytes | None = None, **options: Any) -> str:
    answer = await send(house, content or encoded("PNG"), **options)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def raw(house: House, body: bytes, content_type: str = FORM) -> httpx.Response:
    return await house.client.post("/api/files", content=body, headers={"content-type": content_type})


def part(content: bytes, name: str = "file", filename: str | None = "a") -> bytes:
    told = f'; filename="{filename}"' if filename else ""
    return f'--xx\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'.encode() + content + b"\r\n"


async def create(house: House, given: dict[str, Any], **headers: str) -> httpx.Response:
    body = {"model": MODEL, "input": {"prompt": "a red fox", **given}}
    return await house.client.post("/api/predictions", json=body, headers=headers)


@asynccontextmanager
async def nothing_left(house: House) -> AsyncIterator[None]:
    """Neither a row nor a blob nor a temporary more than before."""

    async def kept() -> tuple[int, list[str]]:
        (row,) = await house.rows("SELECT count(*) AS made FROM uploads")
        return row["made"], sorted(str(path) for path in house.settings.darkroom_data.rglob("*") if path.is_file())

    before = await kept()
    yield
    assert await kept() == before


async def test_a_picture_is_kept_without_what_it_tells_of_its_maker(standing: House) -> None:
    answer = await send(standing, telling("JPEG", 6), "holiday.txt")
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"].endswith(f"/api/files/{made['id']}")
    assert (made["content_type"], made["width"], made["height"]) == ("image/jpeg", 24, 40)
    assert made["created_at"] < made["expires_at"]
    (row,) = await standing.rows("SELECT key, bytes, sha256 FROM uploads WHERE id = $1", made["id"])
    served = await standing.client.get(f"/files/{row['key']}")
    assert SECRET.encode() not in served.content
    assert opened(served.content).tobytes() == opened(telling("JPEG", 6)).tobytes()
    assert (served.headers["content-type"], len(served.content)) == ("image/jpeg", made["bytes"])
    assert served.headers["etag"] == f'"{row["sha256"]}"'
    again = await standing.client.get(f"/api/files/{made['id']}")
    assert (again.status_code, again.json()) == (200, made)


@pytest.mark.parametrize("how", ["field", "parameter"])
async def test_metadata_stays_for_whoever_asks(standing: House, how: str) -> None:
    content = telling("PNG")
    wish = {"keep_metadata": "true"}
    place = "data" if how == "field" else "params"
    options: dict[str, Any] = {place: wish}
    answer = await send(standing, content, **options)
    assert answer.json()["bytes"] == len(content)


async def test_two_at_once_are_two(standing: House) -> None:
    made = await asyncio.gather(*(sent(standing) for _ in range(2)))
    assert len(set(made)) == 2


REFUSED = {
    "0 bytes": (b"", "is empty"),
    "a cut JPEG": (encoded("JPEG", picture((300, 200)))[:2500], "is cut off or damaged"),
    "a drawing": (SVG, "is a page or a drawing of markup, not a picture of pixels"),
    "a page": (
        b"<!DOCTYPE html><script>alert(1)</script>",
        "is a page or a drawing of markup, not a picture of pixels",
    ),
    "an animation": (
        encoded("GIF", picture(), save_all=True, append_images=[picture().rotate(90)]),
        "is an animation; send one still picture",
    ),
    "CMYK": (encoded("JPEG", picture(mode="CMYK")), "is in CMYK, for printing; send it as RGB"),
    "a program": (b"\x7fELF" + bytes(200), "is no picture; send a JPEG, PNG, WebP, or a still GIF or AVIF"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_worked_on_is_refused_and_gone(refusing: House, content: bytes, message: str) -> None:
    async with nothing_left(refusing):
        problem = assert_problem(await send(refusing, content, "fox.png"), 422, "invalid_request", "file")
    assert problem["errors"] == [{"field": "file", "message": message}]


async def test_a_pixel_bomb_is_refused_unopened(refusing: House) -> None:
    bomb = bytearray(encoded("PNG"))
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    problem = assert_problem(await send(refusing, bytes(bomb)), 422, "invalid_request", "file")
    assert problem["errors"][0]["message"].startswith("has 50000×50000 pixels")


async def test_ten_mebibytes_are_taken_and_one_byte_more_is_not(standing: House) -> None:
    content = encoded("PNG")
    largest = content + bytes(LARGEST_INPUT - len(content))
    await sent(standing, largest)
    async with nothing_left(standing):
        assert_problem(await send(standing, largest + b"\0"), 413, "body_too_large", "file")


def head(*lines: str) -> bytes:
    always = ("POST /api/files HTTP/1.1", "Host: localhost", f"Content-Type: {FORM}")
    return "\r\n".join([*always, *lines, "", ""]).encode()


async def test_what_is_announced_as_too_large_is_not_read(refusing: House) -> None:
    async with line_to(refusing) as line:
        line.say(head("Content-Length: 99999999"))
        assert problem_in(await line.answer()) == (413, "body_too_large")


async def test_what_turns_out_too_large_is_refused_before_its_end(refusing: House) -> None:
    async with nothing_left(refusing), line_to(refusing) as line:
        line.say(head("Transfer-Encoding: chunked"), b"%x\r\n" % (LARGEST_INPUT * 2), part(b"").removesuffix(b"\r\n"))
        line.say(bytes(LARGEST_INPUT + 1))
        assert (await line.until_closed()).startswith(b"HTTP/1.1 413 ")


PNG = encoded("PNG")
FORMS: dict[str, tuple[bytes, int, str, str | None]] = {
    "no part": (b"--xx--\r\n", 422, "invalid_request", "file"),
    "another name": (part(PNG, "image") + b"--xx--\r\n", 422, "invalid_request", "image"),
    "two files": (part(PNG) + part(PNG) + b"--xx--\r\n", 422, "invalid_request", "file"),
    "a strange wish": (
        part(PNG) + part(b"maybe", "keep_metadata", None) + b"--xx--\r\n",
        422,
        "invalid_request",
        "keep_metadata",
    ),
    "no end": (part(PNG), 400, "invalid_form", None),
    "nothing": (b"", 400, "invalid_form", None),
    "no form": (b"\x89PNG and so on", 400, "invalid_form", None),
    "no name": (b"--xx\r\nContent-Type: image/png\r\n\r\n" + PNG + b"\r\n--xx--\r\n", 400, "invalid_form", None),
    "many parts": (b"".join(part(b"x", f"f{n}") for n in range(9)) + b"--xx--\r\n", 400, "invalid_form", None),
    "endless headers": (b"--xx\r\n" + b"X-A: b\r\n" * 50 + b"\r\n", 400, "invalid_form", None),
}


@pytest.mark.parametrize(("body", "status", "code", "field"), FORMS.values(), ids=FORMS)
async def test_a_form_that_does_not_fit_is_refused(
    refusing: House, body: bytes, status: int, code: str, field: str | None
) -> None:
    async with nothing_left(refusing):
        assert_problem(await raw(refusing, body), status, code, field)


@pytest.mark.parametrize("content_type", ["image/png", "application/json", "", "text/plain; boundary=xx"])
async def test_only_a_form_is_read(refusing: House, content_type: str) -> None:
    assert_problem(await raw(refusing, PNG, content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 300}"])
async def test_a_form_needs_a_boundary(refusing: House, content_type: str) -> None:
    assert_problem(await raw(refusing, PNG, content_type), 400, "invalid_form")


async def test_a_dripping_form_is_let_go(hurried: House) -> None:
    async with nothing_left(hurried), line_to(hurried) as line:
        line.say(head("Content-Length: 1000000"), part(b"").removesuffix(b"\r\n"))
        assert (await line.drip_until_closed(b"a")).startswith(b"HTTP/1.1 408 ")


async def test_a_full_disk_takes_nothing(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    reserved = settings.model_copy(update={"disk_reserve_mb": MORE_THAN_ANY_DISK})
    async with open_house(reserved, fresh_emulator, with_worker=False) as full, nothing_left(full):
        assert_problem(await send(full, PNG), 503, "storage_full")


async def test_uploads_have_a_rate_of_their_own(settings: Settings, fresh_emulator: RunningEmulator) -> None:
    slow = settings.model_copy(update={"rate_limit_generate": "2/hour"})
    async with open_house(slow, fresh_emulator, with_worker=False) as house:
        answers = [await send(house, PNG) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert answers[0].headers["ratelimit-policy"] == '"upload";q=2;w=3600'
        assert (await house.create()).status_code == 201


async def test_somebody_elses_upload_is_not_there(locked: House) -> None:
    ann, bob = [{"x-api-key": await key_for(locked)} for _ in range(2)]
    upload = await sent(locked, headers=ann)
    assert_problem(await locked.client.get(f"/api/files/{upload}", headers=bob), 404, "file_not_found")
    assert_problem(await locked.client.delete(f"/api/files/{upload}", headers=bob), 404, "file_not_found")
    assert_problem(await create(locked, {"image": upload}, **bob), 422, "invalid_request", "input.image")
    assert (await create(locked, {"image": upload}, **ann)).status_code == 201


async def test_a_key_that_only_reads_uploads_nothing(locked: House) -> None:
    reader = {"x-api-key": await key_for(locked, scopes=("read",))}
    assert_problem(await send(locked, PNG, headers=reader), 403, "forbidden_scope")


@pytest.mark.parametrize("name", ["abc", NO_FILE, "file_" + "A" * 32])
async def test_an_unknown_upload_is_not_there(refusing: House, name: str) -> None:
    assert_problem(await refusing.client.get(f"/api/files/{name}"), 404, "file_not_found")
    assert_problem(await refusing.client.delete(f"/api/files/{name}"), 404, "file_not_found")


async def test_a_deleted_upload_is_gone_with_its_bytes(standing: House) -> None:
    upload = await sent(standing)
    (row,) = await standing.rows("SELECT key FROM uploads WHERE id = $1", upload)
    gone = await standing.client.delete(f"/api/files/{upload}")
    assert (gone.status_code, gone.json()) == (200, {"id": upload, "deleted": True})
    assert (await standing.client.get(f"/files/{row['key']}")).status_code == 404
    async with open_blobs(standing.settings) as blobs:
        assert await blobs.size(row["key"]) is None
    assert_problem(await create(standing, {"image": upload}), 422, "invalid_request", "input.image")


async def test_what_an_unfinished_prediction_needs_stays(standing: House) -> None:
    upload = await sent(standing)
    made = (await create(standing, {"image": upload})).json()
    assert made["input"]["image"] == upload
    assert_problem(await standing.client.delete(f"/api/files/{upload}"), 409, "file_in_use")
    await standing.rows("UPDATE predictions SET status = 'failed' WHERE id = $1", made["id"])
    assert (await standing.client.delete(f"/api/files/{upload}")).status_code == 200


async def test_the_flat_form_takes_pictures_too(standing: House) -> None:
    upload = await sent(standing)
    body = {"prompt": "a fox", "model": MODEL, "image": upload, "mask": upload}
    answer = await standing.client.post("/api/generate", json=body)
    assert (answer.status_code, answer.json()["input"]["mask"]) == (201, upload)
    missing = await standing.client.post("/api/generate", json=body | {"mask": NO_FILE})
    assert_problem(missing, 422, "invalid_request", "input.mask")


async def test_a_batch_names_the_prediction_whose_picture_is_missing(standing: House) -> None:
    upload = await sent(standing)
    orders = [{"model": MODEL, "input": {"prompt": "a", "image": each}} for each in (upload, NO_FILE)]
    answer = await standing.client.post("/api/batches", json={"predictions": orders})
    assert_problem(answer, 422, "invalid_request", "predictions.1.input.image")
    both = await standing.client.post("/api/batches", json={"predictions": [orders[0], orders[0]]})
    assert both.status_code == 201


def uri(content: bytes, content_type: str = "image/png") -> str:
    return data_uri(content, content_type)


PICTURES: dict[str, tuple[str, str]] = {
    "no such id": (NO_FILE, "there is no such file"),
    "half an id": ("file_123", "there is no such file"),
    "words": ("a fox", "must be a file's id, an https URL or a data URI of a picture in base64"),
    "plain http": (
        "http://example.com/a.png",
        "must be a file's id, an https URL or a data URI of a picture in base64",
    ),
    "an address inside": ("https://127.0.0.1/a.png", "is no URL to fetch (address)"),
    "not base64": (
        "data:image/png;base64,@@",
        "must be a file's id, an https URL or a data URI of a picture in base64",
    ),
    "no base64": ("data:image/png,abc", "must be a file's id, an https URL or a data URI of a picture in base64"),
    "a page": (uri(b"<html>"), "is a page or a drawing of markup, not a picture of pixels"),
    "cut": (uri(encoded("PNG")[:-20]), "is cut off or damaged"),
    "text": (uri(b"hello"), "is no picture; send a JPEG, PNG, WebP, or a still GIF or AVIF"),
}


@pytest.mark.parametrize(("given", "message"), PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize("field", ["image", "mask"])
async def test_a_picture_that_cannot_be_used_is_refused_unpaid(
    refusing: House, field: str, given: str, message: str
) -> None:
    problem = assert_problem(await create(refusing, {field: given}), 422, "invalid_request", f"input.{field}")
    assert problem["errors"] == [{"field": f"input.{field}", "message": message}]
    assert await refusing.rows("SELECT id FROM predictions") == []


@pytest.mark.parametrize("given", ["https://example.com/a.png", uri(encoded("JPEG"), "image/jpeg")])
async def test_addresses_and_data_are_taken(standing: House, given: str) -> None:
    answer = await create(standing, {"image": given})
    assert (answer.status_code, answer.json()["input"]["image"]) == (201, given)


async def test_a_mask_is_as_large_as_its_image(standing: House) -> None:
    image, mask = await sent(standing, encoded("PNG", picture((40, 30)))), uri(encoded("PNG", picture((30, 40))))
    problem = assert_problem(
        await create(standing, {"image": image, "mask": mask}), 422, "invalid_request", "input.mask"
    )
    assert problem["errors"][0]["message"] == "has 30×40 pixels, the image 40×30"
    lying = await sent(standing, telling("JPEG", 6, picture((30, 40))))
    assert (await create(standing, {"image": image, "mask": lying})).status_code == 201


async def test_a_replay_needs_its_upload_no_more(standing: House) -> None:
    upload = await sent(standing)
    first = (await create(standing, {"image": upload}, **{"Idempotency-Key": "fox-1"})).json()
    await standing.rows("UPDATE predictions SET status = 'failed' WHERE id = $1", first["id"])
    await standing.client.delete(f"/api/files/{upload}")
    again = await create(standing, {"image": upload}, **{"Idempotency-Key": "fox-1"})
    assert again.json()["id"] == first["id"]
