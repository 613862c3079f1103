"""Owners and keys: nothing of theirs without a key, nothing of somebody else's with one."""

from typing import Any

import pytest
import structlog
from starlette.routing import Route

from app.actions.issue_key import list_keys, revoke_key
from app.web.application import routes
from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import database_of, issued, key_for

BODY: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
SOME_ID = "00000000-0000-0000-0000-000000000000"
PAGES = ("/docs", "/llms", "/gallery", "/studio/", "/client.")
OPEN = (*PAGES, "/api/webhooks", "/api/session", "/api/gallery", "/files/", "/health", "/openapi.json", "/metrics")


def closed_routes() -> list[tuple[str, str]]:
    """Every route that is not on the list of open ones, so that a new one is asked for its key too."""
    found = [route for route in routes() if isinstance(route, Route)]
    closed = [route for route in found if not route.path.startswith(OPEN) and route.path != "/"]
    return [
        (method, route.path.replace("{id}", SOME_ID).replace("{key}", "a" * 32 + ".png"))
        for route in closed
        for method in sorted(route.methods or ())
    ]


def test_there_are_closed_routes() -> None:
    assert ("POST", "/api/predictions") in closed_routes()
    assert ("GET", f"/api/predictions/{SOME_ID}") in closed_routes()


@pytest.mark.parametrize(("method", "path"), closed_routes())
async def test_every_route_of_owners_asks_for_a_key(locked: House, method: str, path: str) -> None:
    answer = await locked.client.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="darkroom"'
    if method != "HEAD":
        assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/docs", "/llms.txt", "/openapi.json"])
async def test_what_is_open_asks_for_none(locked: House, path: str) -> None:
    assert (await locked.client.get(path)).status_code == 200


async def test_a_key_is_taken_in_either_header(locked: House) -> None:
    key = await key_for(locked)
    for headers in ({"Authorization": f"Bearer {key}"}, {"authorization": f"bearer  {key}"}, {"x-api-key": key},
                    {"Authorization": f"Bearer {key}", "x-api-key": key}):  # fmt: skip
        assert (await locked.client.get("/api/predictions", headers=headers)).status_code == 200


async def test_somebody_elses_prediction_is_not_there(locked: House) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    made = (await locked.client.post("/api/predictions", json=BODY, headers=ann)).json()
    path = f"/api/predictions/{made['id']}"
    assert (await locked.client.get(path, headers=ann)).status_code == 200
    foreign = assert_problem(await locked.client.get(path, headers=bob), 404, "prediction_not_found")
    missing = assert_problem(
        await locked.client.get(f"/api/predictions/{SOME_ID}", headers=bob), 404, "prediction_not_found"
    )
    assert {**foreign, "request_id": ""} == {**missing, "request_id": ""}
    assert (await locked.client.get("/api/predictions", headers=bob)).json() == {"data": [], "next": None}
    assert len((await locked.client.get("/api/predictions", headers=ann)).json()["data"]) == 1


async def test_two_keys_of_an_owner_see_the_same(locked: House) -> None:
    first, second = await key_for(locked, "twofold"), await key_for(locked, "twofold")
    await locked.client.post("/api/predictions", json=BODY, headers={"x-api-key": first})
    answer = await locked.client.get("/api/predictions", headers={"x-api-key": second})
    assert len(answer.json()["data"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": ""},
        {"x-api-key": "dk_"},
        {"x-api-key": "dk_00000000_unknown"},
        {"x-api-key": "sk-emulator"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer dk_00000000_" + "x" * 5000},
        {"Authorization": "Basic ZGs6ZGs="},
        {"Authorization": "dk_00000000_x"},
    ],
)
async def test_what_is_no_key_opens_nothing(locked: House, headers: dict[str, str]) -> None:
    before = await locked.rows("SELECT id FROM predictions")
    answer = await locked.client.post("/api/predictions", json=BODY, headers=headers)
    assert_problem(answer, 401, "unauthenticated")
    assert await locked.rows("SELECT id FROM predictions") == before


async def test_the_prefix_is_not_the_key(locked: House) -> None:
    key = await key_for(locked)
    spoiled = [
        key[:-1],
        key + "x",
        key[: len("dk_12345678_")],
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        key.upper(),
    ]
    for wrong in spoiled:
        answer = await locked.client.get("/api/predictions", headers={"x-api-key": wrong})
        assert_problem(answer, 401, "unauthenticated")


async def test_a_revoked_key_opens_nothing(locked: House) -> None:
    opened = await issued(locked)
    headers = {"x-api-key": opened.key.text}
    assert (await locked.client.get("/api/predictions", headers=headers)).status_code == 200
    async with database_of(locked) as database:
        assert await revoke_key(database, opened.key.prefix)
    assert_problem(await locked.client.get("/api/predictions", headers=headers), 401, "unauthenticated")


async def test_two_different_keys_are_none(locked: House) -> None:
    headers = {"Authorization": f"Bearer {await key_for(locked)}", "x-api-key": await key_for(locked)}
    assert_problem(await locked.client.get("/api/predictions", headers=headers), 401, "unauthenticated")


async def test_a_wrong_key_is_refused_where_none_is_needed(standing: House) -> None:
    answer = await standing.client.get("/api/predictions", headers={"x-api-key": "dk_00000000_x"})
    assert_problem(answer, 401, "unauthenticated")


async def test_keys_and_tokens_are_in_no_log_and_no_repr(locked: House) -> None:
    opened = await issued(locked)
    with structlog.testing.capture_logs() as lines:
        made = await locked.client.post("/api/predictions", json=BODY, headers={"x-api-key": opened.key.text})
        token = made.json()["client_token"]
        await locked.client.get(f"/api/predictions/{made.json()['id']}?token={token}")
        await locked.client.get(f"/api/predictions/{made.json()['id']}?token={token}x")
        await locked.client.get("/api/predictions", headers={"x-api-key": opened.key.text + "x"})
    (row,) = await locked.rows("SELECT callback_token FROM predictions WHERE client_token = $1", token)
    async with database_of(locked) as database:
        written = repr(lines) + repr(opened) + repr(await list_keys(database))
    assert [line["event"] for line in lines].count("request") == 4
    for hidden in (opened.key.secret, token, row["callback_token"], "a fox"):
        assert hidden not in written


FOREIGN: list[dict[str, str]] = [
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "abc.ngrok.app"},
    {"Forwarded": "for=203.0.113.7"},
    {"X-Real-IP": "203.0.113.7"},
    {"Via": "1.1 proxy"},
    {"CF-Connecting-IP": "203.0.113.7"},
    {"Cf-Ray": "1"},
    {"CF-IPCountry": "DE"},
    {"CDN-Loop": "cloudflare"},
    {"True-Client-IP": "203.0.113.7"},
    {"Ngrok-Skip-Browser-Warning": "1"},
    {"X-Original-Host": "abc.example"},
    {"Host": "abc.ngrok.app"},
    {"Host": "abc.trycloudflare.com:8000"},
    {"Host": "192.168.1.7:8000"},
    {"Host": "localhost.evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "evil.example#localhost"},
    {"Host": ""},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_developer_s_tunnel_needs_a_key(development: House, headers: dict[str, str]) -> None:
    assert_problem(await development.client.get("/api/predictions", headers=headers), 401, "unauthenticated")


async def test_a_developer_s_own_machine_needs_none(development: House) -> None:
    for host in ("127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:3000", "[::1]:8000"):
        answer = await development.client.get("/api/predictions", headers={"Host": host})
        assert answer.status_code == 200, host


async def test_a_key_works_through_the_tunnel(development: House) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7", "Host": "abc.ngrok.app", "x-api-key": await key_for(development)}
    assert (await development.client.get("/api/predictions", headers=headers)).status_code == 200
