"""What a key may do: its scopes, its two secrets while it is rotated, and nothing more."""

from datetime import timedelta
from typing import Any

import pytest

from app.actions.issue_key import rotate_key
from app.domain.caller import Scope
from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import database_of, issued, key_for
from tests.web.test_owners import SOME_ID, closed_routes

BODY: dict[str, Any] = {"model": "truefusion-pro", "input": {"prompt": "a fox"}}
FOR_ADMINS = ("/api/deliveries", "/api/health", "/api/dev")
OWNED = [(method, path) for method, path in closed_routes() if not path.startswith(FOR_ADMINS)]
READS = [(method, path) for method, path in OWNED if method in ("GET", "HEAD")]
WRITES = [(method, path) for method, path in OWNED if method not in ("GET", "HEAD")]


async def scoped(house: House, *scopes: Scope, owner: str = "") -> dict[str, str]:
    return {"x-api-key": await key_for(house, owner, scopes=frozenset(scopes))}


async def made_by(house: House, owner: str) -> str:
    """The path of a prediction of this owner."""
    headers = {"x-api-key": await key_for(house, owner)}
    answer = await house.client.post("/api/predictions", json=BODY, headers=headers)
    return f"/api/predictions/{answer.json()['id']}"


async def test_every_change_needs_the_scope_create(locked: House) -> None:
    headers = await scoped(locked, Scope.READ, Scope.ADMIN)
    for method, path in WRITES:
        document = assert_problem(await locked.client.request(method, path, headers=headers), 403, "forbidden_scope")
        assert "`create`" in document["detail"], (method, path)


async def test_every_read_needs_the_scope_read(locked: House) -> None:
    headers = await scoped(locked, Scope.CREATE, Scope.ADMIN)
    for method, path in READS:
        answer = await locked.client.request(method, path, headers=headers)
        assert answer.status_code == 403, (method, path)
        if method == "GET":
            assert "`read`" in assert_problem(answer, 403, "forbidden_scope")["detail"]


async def test_the_service_s_figures_need_the_scope_admin(locked: House) -> None:
    answer = await locked.client.get("/metrics", headers=await scoped(locked, Scope.CREATE, Scope.READ))
    assert "`admin`" in assert_problem(answer, 403, "forbidden_scope")["detail"]
    assert (await locked.client.get("/metrics", headers=await scoped(locked, Scope.ADMIN))).status_code == 200
    assert_problem(await locked.client.get("/metrics"), 401, "unauthenticated")


async def test_what_concerns_the_whole_service_needs_the_scope_admin(locked: House) -> None:
    headers = await scoped(locked, Scope.CREATE, Scope.READ)
    for method, path in closed_routes():
        if path.startswith(FOR_ADMINS):
            answer = await locked.client.request(method, path, headers=headers)
            assert answer.status_code == 403, (method, path)


async def test_a_key_that_creates_alone_can_buy_and_see_nothing_else(locked: House) -> None:
    headers = await scoped(locked, Scope.CREATE)
    made = await locked.client.post("/api/predictions", json=BODY, headers=headers)
    assert made.status_code == 201
    path = f"/api/predictions/{made.json()['id']}"
    assert_problem(await locked.client.get(path, headers=headers), 403, "forbidden_scope")
    assert (await locked.client.get(path, params={"token": made.json()["client_token"]})).status_code == 200
    assert (await locked.client.post(f"{path}/cancel", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/events"), ("GET", "/receipt"), ("POST", "/cancel"), ("DELETE", "")],
)
async def test_without_the_scope_nobody_learns_what_exists(locked: House, method: str, path: str) -> None:
    lacking = Scope.READ if method == "GET" else Scope.CREATE
    headers = await scoped(locked, *(set(Scope) - {lacking}), owner="twofold")
    told = []
    for base in (await made_by(locked, "twofold"), await made_by(locked, "stranger"), f"/api/predictions/{SOME_ID}"):
        answer = await locked.client.request(method, base + path, headers=headers)
        told.append({**assert_problem(answer, 403, "forbidden_scope"), "request_id": ""})
    assert told[0] == told[1] == told[2]


async def test_where_no_key_is_needed_everything_may_be_done(development: House) -> None:
    for path in ("/metrics", "/api/predictions"):
        assert (await development.client.get(path)).status_code == 200
    made = await development.create()
    assert (await development.client.post(f"/api/predictions/{made.json()['id']}/cancel")).status_code == 200


async def test_a_key_s_scopes_hold_where_none_is_needed(development: House) -> None:
    headers = await scoped(development, Scope.READ)
    answer = await development.client.post("/api/predictions", json=BODY, headers=headers)
    assert_problem(answer, 403, "forbidden_scope")


async def test_both_secrets_of_a_rotated_key_open_until_the_grace_ends(locked: House) -> None:
    old = await issued(locked)
    path = await made_by_key(locked, old.key.text)
    async with database_of(locked) as database:
        new = await rotate_key(database, str(old.id), timedelta(hours=1))
    assert new is not None
    for text in (old.key.text, new.key.text):
        assert (await locked.client.get(path, headers={"x-api-key": text})).status_code == 200
    await locked.rows("UPDATE api_keys SET previous_until = now() WHERE id = $1", old.id)
    assert_problem(await locked.client.get(path, headers={"x-api-key": old.key.text}), 401, "unauthenticated")
    assert (await locked.client.get(path, headers={"x-api-key": new.key.text})).status_code == 200


async def made_by_key(house: House, text: str) -> str:
    answer = await house.client.post("/api/predictions", json=BODY, headers={"x-api-key": text})
    return f"/api/predictions/{answer.json()['id']}"


async def test_two_secrets_of_one_key_are_still_two(locked: House) -> None:
    old = await issued(locked)
    async with database_of(locked) as database:
        new = await rotate_key(database, old.key.prefix, timedelta(hours=1))
    assert new is not None
    headers = {"Authorization": f"Bearer {old.key.text}", "x-api-key": new.key.text}
    assert_problem(await locked.client.get("/api/predictions", headers=headers), 401, "unauthenticated")


async def test_a_prediction_remembers_which_key_made_it(locked: House) -> None:
    key = await issued(locked)
    await made_by_key(locked, key.key.text)
    (row,) = await locked.rows("SELECT count(*) AS made FROM predictions WHERE key_id = $1", key.id)
    assert row["made"] == 1


async def test_a_key_has_at_most_so_many_unfinished_predictions(locked: House) -> None:
    headers = {"x-api-key": await key_for(locked, max_unfinished=2)}
    answers = [await locked.client.post("/api/predictions", json=BODY, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert assert_problem(answers[2], 429, "too_many_unfinished")["retry_after"] == 5
    await locked.client.post(f"/api/predictions/{answers[0].json()['id']}/cancel", headers=headers)
    assert (await locked.client.post("/api/predictions", json=BODY, headers=headers)).status_code == 201
