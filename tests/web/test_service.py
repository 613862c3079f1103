"""What holds for every answer: ids, CORS, problems; and the service's own health."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.settings import Settings
from app.web.application import create_application
from app.web.errors import RequestProblem
from app.web.requests import read_body
from app.web.shared import Shared
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem
from tests.web.wire import Wire

ORIGIN = "https://shop.example"


async def test_alive(standing: House) -> None:
    answer = await standing.client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready(standing: House) -> None:
    answer = await standing.client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["checks"].values()) == {"ok"}


async def test_unready_while_migrations_are_behind(front: House) -> None:
    await front.rows("UPDATE alembic_version SET version_num = 'older'")
    answer = await front.client.get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert answer.json()["checks"]["migrations"] == "behind; run `darkroom migrate`"
    assert answer.headers["retry-after"]


async def test_unready_while_the_storage_is_gone(front: House) -> None:
    shutil.rmtree(front.settings.blobs_folder)
    answer = await front.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["blobs"] == "not writable (ENOENT)"
    assert answer.json()["checks"]["database"] == "ok"


async def test_unready_while_the_storage_cannot_be_written(front: House) -> None:
    shutil.rmtree(front.settings.blobs_folder / ".incoming")
    (front.settings.blobs_folder / ".incoming").write_text("in the way")
    answer = await front.client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["blobs"]) == (503, "not writable (ENOTDIR)")


async def test_unready_and_alive_while_the_database_is_away(wired_front: House, wire: Wire) -> None:
    await wire.cut()
    answer = await wired_front.client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "away")
    assert (await wired_front.client.get("/health")).status_code == 200


@pytest.mark.parametrize("given", ["abc", "a" * 64, "A-b_9"])
async def test_a_request_id_is_taken(standing: House, given: str) -> None:
    answer = await standing.client.get("/nothing", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"], answer.json()["request_id"]) == (given, given)


@pytest.mark.parametrize("given", [b"", b"a b", b"a" * 65, b"\xff", b'"><script>', b"a\tb"])
async def test_a_request_id_that_is_none_is_replaced(standing: House, given: bytes) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await standing.client.get("/api/predictions", headers=[(b"X-Request-ID", given)])
    assert len(answer.headers["x-request-id"]) == 16
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/api/predictions"]


async def test_every_answer_is_careful(standing: House) -> None:
    for path in ("/health", "/nothing", "/docs", "/openapi.json", "/api/predictions"):
        answer = await standing.client.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-request-id"]


@pytest.fixture(scope="module")
async def broken() -> AsyncIterator[httpx.AsyncClient]:
    """An application with routes that break, at once or within their answer."""

    @asynccontextmanager
    async def nothing_shared() -> AsyncIterator[Shared]:
        yield None  # type: ignore[misc]

    async def breaks(_: Request) -> Response:
        raise RuntimeError("the password is swordfish")

    application = create_application(nothing_shared, cors_origins=[ORIGIN])
    application.router.routes.append(Route("/breaks", breaks))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_route_that_breaks_tells_nothing_but_its_id(broken: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await broken.get("/breaks", headers={"Origin": ORIGIN, "X-Request-ID": "abc"})
    document = assert_problem(answer, 500, "internal_error")
    assert document["request_id"] == "abc"
    assert "swordfish" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert {line["event"] for line in lines} == {"request broke", "request"}
    assert {line.get("status") for line in lines} == {None, 500}


@pytest.fixture
async def shared_with_browsers(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    opened_to = settings.model_copy(update={"cors_origins": (ORIGIN,)})
    async with open_house(opened_to, fresh_emulator, with_worker=False) as opened:
        yield opened


async def test_no_foreign_origin_is_let_in_by_default(standing: House) -> None:
    answer = await standing.client.get("/api/models", headers={"Origin": ORIGIN})
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    preflight = await standing.client.options("/api/predictions", headers=asked)
    for each in (answer, preflight):
        assert not [name for name in each.headers if name.startswith("access-control")]


async def test_named_origins_are_let_in(shared_with_browsers: House) -> None:
    client = shared_with_browsers.client
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, prefer, x-api-key",
    }
    preflight = await client.options("/api/predictions", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "DELETE" in preflight.headers["access-control-allow-methods"]
    for path, status in (("/api/models", 200), ("/nothing", 404), ("/api/predictions?limit=0", 422)):
        answer = await client.get(path, headers={"Origin": ORIGIN})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Origin" in answer.headers["vary"]
        exposed = {name.strip() for name in answer.headers["access-control-expose-headers"].split(",")}
        assert {"ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID"} <= exposed
        assert "access-control-allow-credentials" not in answer.headers


OTHERS = ["https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"]


async def test_other_origins_are_not(shared_with_browsers: House) -> None:
    for origin in OTHERS:
        answer = await shared_with_browsers.client.get("/api/models", headers={"Origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = await shared_with_browsers.client.options("/api/predictions", headers=asked)
        assert preflight.status_code == 400
        assert "access-control-allow-origin" not in preflight.headers


async def test_a_body_that_drips_is_not_waited_for() -> None:
    async def receive() -> dict[str, object]:
        await asyncio.sleep(0.04)
        return {"type": "http.request", "body": b" ", "more_body": True}

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(RequestProblem) as refused:
        await read_body(request, seconds=0.2)
    assert refused.value.code == "body_too_slow"


async def test_slow_senders_hold_nobody_up(standing: House) -> None:
    """A hundred who have sent half a request, and one who sends a whole."""
    half = b"POST /api/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    half += b"Content-Length: 90\r\n\r\n{"
    ends = [await asyncio.open_connection("127.0.0.1", standing.settings.port) for _ in range(100)]
    for _, writer in ends:
        writer.write(half)
    async with asyncio.timeout(8):
        assert (await standing.create()).status_code == 201
    for _, writer in ends:
        writer.close()
