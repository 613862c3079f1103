"""Signing in with a key: the cookie opens what the key opens, and nobody else's page can use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from app.actions.issue_key import revoke_key, rotate_key
from app.actions.upkeep import clear_leftovers
from app.domain.caller import Scope
from app.settings import Settings
from app.stores import open_blobs
from tests.emulator.process import RunningEmulator
from tests.house import House, open_house
from tests.web.problems import assert_problem
from tests.web.steps import database_of, issued, key_for

BODY: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
EVIL = "https://evil.example"
SHOP = "https://shop.example"


@pytest.fixture
async def lenient(locked: House) -> House:
    """Nobody has tried to sign in lately."""
    await locked.rows("DELETE FROM rate_limits")
    return locked


@asynccontextmanager
async def signed_in(house: House, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's: it keeps the cookie, and says from which page it asks."""
    own = str(house.client.base_url).rstrip("/")
    headers = {"Origin": own, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=own, trust_env=False, headers=headers) as client:
        answer = await client.post("/api/session", json={"key": key})
        assert answer.status_code == 201, answer.text
        yield client


async def test_who_is_nobody_is_told_that_a_key_is_needed(lenient: House) -> None:
    answer = await lenient.client.get("/api/session")
    told: dict[str, Any] = {"signed_in": False, "owner": None, "scopes": [], "needs_key": True, "environment": "test"}
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, told, "no-store")


async def test_a_key_signs_a_browser_in_and_out(lenient: House) -> None:
    key = await issued(lenient, "ann", scopes=frozenset({Scope.READ, Scope.CREATE}))
    async with signed_in(lenient, key.key.text) as ann:
        told = (await ann.get("/api/session")).json()
        assert (told["signed_in"], told["owner"], told["scopes"]) == (True, "ann", ["create", "read"])
        made = await ann.post("/api/predictions", json=BODY)
        assert made.status_code == 201
        assert_problem(await ann.get("/metrics"), 403, "forbidden_scope")
        assert (await ann.delete("/api/session")).json()["signed_in"] is False
        assert_problem(await ann.get("/api/predictions"), 401, "unauthenticated")
    (row,) = await lenient.rows("SELECT key_id FROM predictions WHERE id = $1", made.json()["id"])
    assert row["key_id"] == key.id


async def test_the_cookie_is_for_our_pages_alone_and_the_token_is_stored_hashed(lenient: House) -> None:
    key = await key_for(lenient)
    answer = await lenient.client.post("/api/session", json={"key": key})
    cookie = SimpleCookie(answer.headers["set-cookie"])["darkroom_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "strict", "/", "")
    assert key not in answer.headers["set-cookie"] and key not in answer.text
    rows = repr(await lenient.rows("SELECT * FROM sessions"))
    assert cookie.value not in rows and key not in rows
    lenient.client.cookies.clear()


async def test_under_https_the_cookie_is_secure_and_of_this_host(
    settings: Settings, fresh_emulator: RunningEmulator
) -> None:
    outside = settings.model_copy(update={"app_url": "https://pictures.example", "auth_required": True})
    async with open_house(outside, fresh_emulator, with_worker=False) as house:
        own = {"Origin": "https://pictures.example"}
        answer = await house.client.post("/api/session", json={"key": await key_for(house)}, headers=own)
        sent = answer.headers["set-cookie"]
        assert sent.startswith("__Host-darkroom_session=") and "Secure" in sent and "Domain" not in sent


@pytest.mark.parametrize("key", ["dk_00000000_wrong", "x", "ключ"])
async def test_a_wrong_key_signs_nobody_in(lenient: House, key: str) -> None:
    answer = await lenient.client.post("/api/session", json={"key": key})
    assert_problem(answer, 401, "unauthenticated")
    assert "set-cookie" not in answer.headers and key not in answer.text


@pytest.mark.parametrize("body", [{}, {"key": ""}, {"key": 1}, {"key": "a" * 201}, {"key": "x", "more": 1}])
async def test_a_body_that_does_not_fit_is_told_without_the_key(lenient: House, body: dict[str, Any]) -> None:
    answer = await lenient.client.post("/api/session", json=body)
    assert_problem(answer, 422, "invalid_request")
    assert "aaaa" not in answer.text


async def test_guessing_is_slow(lenient: House) -> None:
    answers = [await lenient.client.post("/api/session", json={"key": "dk_00000000_x"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < assert_problem(answers[-1], 429, "rate_limited")["retry_after"] <= 60


async def test_signing_in_again_ends_the_session_before(lenient: House) -> None:
    key = await key_for(lenient)
    async with signed_in(lenient, key) as browser:
        old = browser.cookies["darkroom_session"]
        await browser.post("/api/session", json={"key": key})
        assert browser.cookies["darkroom_session"] != old
        stale = {"Cookie": f"darkroom_session={old}"}
        assert_problem(await lenient.client.get("/api/predictions", headers=stale), 401, "unauthenticated")


async def test_a_session_ends_with_its_key(lenient: House) -> None:
    key = await issued(lenient)
    async with signed_in(lenient, key.key.text) as browser:
        assert (await browser.get("/api/predictions")).status_code == 200
        async with database_of(lenient) as database:
            assert await revoke_key(database, key.key.prefix)
        assert_problem(await browser.get("/api/predictions"), 401, "unauthenticated")


async def test_a_session_ends_with_the_secret_that_opened_it(lenient: House) -> None:
    key = await issued(lenient)
    async with signed_in(lenient, key.key.text) as browser:
        async with database_of(lenient) as database:
            await rotate_key(database, str(key.id), timedelta(hours=1))
        assert (await browser.get("/api/predictions")).status_code == 200
        await lenient.rows("UPDATE api_keys SET previous_until = now() WHERE id = $1", key.id)
        assert_problem(await browser.get("/api/predictions"), 401, "unauthenticated")


@pytest.mark.parametrize("aged", ["last_used_at = now() - interval '13 hours'", "expires_at = now()"])
async def test_a_session_ends_by_itself_and_is_forgotten(lenient: House, aged: str) -> None:
    key = await issued(lenient)
    async with signed_in(lenient, key.key.text) as browser:
        await lenient.rows(f"UPDATE sessions SET {aged} WHERE key_id = $1", key.id)
        assert_problem(await browser.get("/api/predictions"), 401, "unauthenticated")
    async with database_of(lenient) as database, open_blobs(lenient.settings) as blobs:
        await clear_leftovers(database, blobs)
    assert await lenient.rows("SELECT 1 FROM sessions WHERE key_id = $1", key.id) == []


async def test_use_keeps_a_session_open(lenient: House) -> None:
    key = await issued(lenient)
    async with signed_in(lenient, key.key.text) as browser:
        await lenient.rows("UPDATE sessions SET last_used_at = now() - interval '2 hours' WHERE key_id = $1", key.id)
        assert (await browser.get("/api/predictions")).status_code == 200
    (row,) = await lenient.rows("SELECT now() - last_used_at AS age FROM sessions WHERE key_id = $1", key.id)
    assert row["age"] < timedelta(minutes=1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_a_cookie_alone_changes_nothing(lenient: House, headers: dict[str, str]) -> None:
    async with signed_in(lenient, await key_for(lenient)) as browser:
        before = await lenient.rows("SELECT id FROM predictions")
        sent = {"Cookie": f"darkroom_session={browser.cookies['darkroom_session']}", **headers}
        for method, path in (("POST", "/api/predictions"), ("DELETE", "/api/session"), ("POST", "/api/quote")):
            answer = await lenient.client.request(method, path, json=BODY, headers=sent)
            assert_problem(answer, 403, "foreign_origin")
        assert await lenient.rows("SELECT id FROM predictions") == before
        assert (await browser.get("/api/predictions")).status_code == 200


async def test_a_key_in_a_header_goes_before_the_cookie(lenient: House) -> None:
    async with signed_in(lenient, await key_for(lenient, "ann")) as browser:
        headers = {"x-api-key": await key_for(lenient, "bob")}
        assert (await browser.get("/api/session", headers=headers)).json()["owner"] == "bob"
        assert_problem(await browser.get("/api/predictions", headers={"x-api-key": "x"}), 401, "unauthenticated")


async def test_an_old_cookie_keeps_nobody_off_his_own_machine(development: House) -> None:
    answer = await development.client.get("/api/session", headers={"Cookie": "darkroom_session=stale"})
    told = answer.json()
    assert (told["owner"], told["needs_key"], told["signed_in"]) == ("development", False, False)


@pytest.mark.parametrize("origin", [EVIL, "null", "http://localhost:1", "http://127.0.0.1.evil.example", "file://", ""])
async def test_a_page_elsewhere_cannot_buy_on_a_developer_s_machine(development: House, origin: str) -> None:
    for path, body in (("/api/predictions", BODY), ("/api/generate", {"prompt": "a fox"}), ("/api/session", {})):
        answer = await development.client.post(path, json=body, headers={"Origin": origin})
        assert_problem(answer, 403, "foreign_origin")
    assert await development.rows("SELECT id FROM predictions") == []


async def test_a_name_that_points_here_is_still_a_stranger_s(development: House) -> None:
    """DNS rebinding: the page and the host agree with each other, but not with us."""
    rebound = {"Origin": "http://evil.example:8000", "Host": "evil.example:8000"}
    assert_problem(
        await development.client.post("/api/predictions", json=BODY, headers=rebound), 401, "unauthenticated"
    )


async def test_our_own_page_may_buy_under_whatever_name_it_was_opened(development: House) -> None:
    port = development.settings.port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"):
        headers = {"Origin": f"http://{host}", "Host": host, "Sec-Fetch-Site": "same-origin"}
        assert (await development.client.post("/api/quote", json=BODY, headers=headers)).status_code == 200


@pytest.fixture
async def shared_with_a_shop(settings: Settings, fresh_emulator: RunningEmulator) -> AsyncIterator[House]:
    opened_to = settings.model_copy(update={"cors_origins": (SHOP,), "environment": "development"})
    async with open_house(opened_to, fresh_emulator, with_worker=False) as opened:
        yield opened


async def test_a_named_origin_needs_a_key_of_its_own(shared_with_a_shop: House) -> None:
    house = shared_with_a_shop
    with_key = {"Origin": SHOP, "x-api-key": await key_for(house)}
    assert (await house.client.post("/api/predictions", json=BODY, headers=with_key)).status_code == 201
    refused = await house.client.post("/api/predictions", json=BODY, headers={"Origin": SHOP})
    assert_problem(refused, 403, "foreign_origin")
    assert refused.headers["access-control-allow-origin"] == SHOP
    wrong = await house.client.post("/api/predictions", json=BODY, headers={"Origin": SHOP, "x-api-key": "dk_x"})
    assert_problem(wrong, 401, "unauthenticated")


async def test_the_webhook_door_trusts_the_signature_and_no_origin(development: House) -> None:
    answer = await development.deliver({"id": "early", "status": "processing"}, Origin=EVIL)
    assert (answer.status_code, answer.json()["received"]) == (200, True)
    forged = await development.client.post("/api/webhooks", json={"id": "x"}, headers={"Origin": EVIL})
    assert_problem(forged, 401, "invalid_signature")


async def test_through_a_tunnel_the_page_is_open_and_the_data_are_not(development: House) -> None:
    tunnel = {"X-Forwarded-For": "203.0.113.7", "Host": "abc.ngrok.app"}
    assert (await development.client.get("/", headers=tunnel)).status_code == 200
    assert (await development.client.get("/studio/studio.js", headers=tunnel)).status_code == 200
    assert (await development.client.get("/api/session", headers=tunnel)).json()["needs_key"] is True
    assert_problem(await development.client.get("/api/live", headers=tunnel), 401, "unauthenticated")
