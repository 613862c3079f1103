"""The service behind the real nginx, with the configuration that we ship."""

import hashlib
import json
from dataclasses import replace

import httpx
import pytest

from tests.deploy.conftest import Behind
from tests.deploy.front import HOST, needs_nginx
from tests.house import eventually
from tests.web.steps import file_stored

pytestmark = needs_nginx
CONTENT = bytes(range(256)) * 40
ETAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'
ONE_YEAR = "max-age=31536000"
FOR_GOOD = "public, max-age=2592000, immutable"


@pytest.fixture
async def path(behind: Behind) -> str:
    return f"/files/{await file_stored(behind.house, CONTENT, 'image/png', 'png')}"


async def test_a_picture_is_bought_and_fetched_through_tls(behind: Behind) -> None:
    created = await behind.create()
    assert created.status_code == 201
    final = (await behind.client.get(f"/api/predictions/{created.json()['id']}?wait=20")).json()
    assert final["status"] == "succeeded"
    (url,) = final["output"]
    assert url.startswith(behind.front.ports.url)
    picture = await behind.client.get(url)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert hashlib.sha256(picture.content).hexdigest() == final["files"][0]["sha256"]


async def test_http_leads_to_https_under_our_own_name(behind: Behind) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = f"http://127.0.0.1:{behind.front.ports.http}/api/models?limit=1"
        answer = await client.post(asked, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{HOST}/api/models?limit=1")


async def test_certbot_may_prove_over_http_that_the_name_is_ours(behind: Behind) -> None:
    place = behind.front.folder / "acme/.well-known/acme-challenge"
    place.mkdir(parents=True)
    (place / "token").write_text("proof")
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{behind.front.ports.http}/.well-known/acme-challenge/token")
    assert (answer.status_code, answer.text) == (200, "proof")


async def test_the_app_hands_a_file_over_and_nginx_sends_it(behind: Behind, path: str) -> None:
    key = path.removeprefix("/files/")
    from_app = await behind.house.client.get(path)
    assert (from_app.status_code, from_app.content) == (200, b"")
    assert from_app.headers["x-accel-redirect"] == f"/_files/{key[:2]}/{key}"
    sent = await behind.client.get(path)
    assert (sent.status_code, sent.content, sent.headers["server"]) == (200, CONTENT, "nginx")
    assert "x-accel-redirect" not in sent.headers
    await eventually(lambda: f'"served":"/_files/{key[:2]}/{key}"' in behind.front.log)


async def test_a_file_from_nginx_has_the_headers_that_ours_have(behind: Behind, path: str) -> None:
    sent = await behind.client.get(path)
    assert {name: sent.headers.get_list(name) for name in (
        "content-type", "content-length", "etag", "cache-control", "accept-ranges", "content-disposition",
        "x-content-type-options", "content-security-policy", "cross-origin-resource-policy",
        "strict-transport-security",
    )} == {
        "content-type": ["image/png"],
        "content-length": [str(len(CONTENT))],
        "etag": [ETAG],
        "cache-control": [FOR_GOOD],
        "accept-ranges": ["bytes"],
        "content-disposition": ["inline"],
        "x-content-type-options": ["nosniff"],
        "content-security-policy": ["default-src 'none'; sandbox"],
        "cross-origin-resource-policy": ["cross-origin"],
        "strict-transport-security": [ONE_YEAR],
    }  # fmt: skip
    assert sent.headers["x-request-id"]


RANGES = {"bytes=0-99": slice(0, 100), "bytes=-7": slice(-7, None), "bytes=10200-": slice(10200, None)}


@pytest.mark.parametrize("wanted", RANGES)
async def test_a_part_may_be_asked_for(behind: Behind, path: str, wanted: str) -> None:
    for condition in ({}, {"If-Range": ETAG}):
        answer = await behind.client.get(path, headers={"Range": wanted, **condition})
        assert (answer.status_code, answer.content) == (206, CONTENT[RANGES[wanted]])
        assert (answer.headers["etag"], answer.headers["x-content-type-options"]) == (ETAG, "nosniff")


async def test_a_part_behind_the_end_or_of_another_file_is_not_sent(behind: Behind, path: str) -> None:
    assert (await behind.client.get(path, headers={"Range": "bytes=99999-"})).status_code == 416
    other = await behind.client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, CONTENT)


async def test_what_is_known_is_not_sent_again(behind: Behind, path: str) -> None:
    answer = await behind.client.get(path, headers={"If-None-Match": ETAG})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", ETAG)
    assert answer.headers["cache-control"] == FOR_GOOD


async def test_head_tells_the_same_without_the_bytes(behind: Behind, path: str) -> None:
    answer = await behind.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["etag"]) == (str(len(CONTENT)), ETAG)


async def test_nobody_gets_at_the_folder_itself(behind: Behind, path: str) -> None:
    key = path.removeprefix("/files/")
    for asked in (f"/_files/{key[:2]}/{key}", "/_files/", "/_files../data", f"/files/%2e%2e/_files/{key[:2]}/{key}"):
        assert (await behind.client.get(asked)).status_code == 404


async def test_answers_of_the_api_are_careful_and_say_so_once(behind: Behind) -> None:
    answer = await behind.client.get("/api/models")
    assert answer.status_code == 200
    assert answer.headers.get_list("strict-transport-security") == [ONE_YEAR]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers["server"] == "nginx"
    assert answer.headers["content-encoding"] == "gzip"


async def test_an_upload_over_ten_megabytes_is_refused_as_a_problem(behind: Behind) -> None:
    answer = await behind.client.post("/api/predictions", content=b"x" * 12_000_000)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "body_too_large"


async def test_an_event_comes_before_the_stream_ends(behind: Behind) -> None:
    await behind.house.faults(never_finish=1.0)
    created = (await behind.create()).json()
    async with behind.client.stream("GET", f"/api/predictions/{created['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        data = await anext(line async for line in stream.aiter_lines() if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: "))["status"] in ("starting", "processing")
    await behind.house.faults()


async def test_a_delivery_is_verified_over_the_bytes_that_were_sent(behind: Behind) -> None:
    raw = b'{ "id":"pred_test",\n\t"status": "succeeded", "output":["https://cdn.skytells.ai/\\u0074est.png"] }\r\n'
    through = replace(behind.house, client=behind.client)
    assert (await through.deliver(raw)).json() == {"received": True, "matched": False}
    forged = await through.deliver(raw, **{"x-skytells-signature": "sha256=" + "0" * 64})
    assert forged.status_code == 401


async def test_the_log_has_no_token_of_a_query(behind: Behind) -> None:
    await behind.client.get("/api/predictions/none?token=ct_secret")
    await eventually(lambda: '"path":"/api/predictions/none"' in behind.front.log)
    assert "ct_secret" not in behind.front.log
