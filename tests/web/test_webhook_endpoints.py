"""Endpoints over the API: an owner's own, with their secrets shown where somebody asks for them and nowhere else."""

import asyncio
import json
from typing import Any

import pytest
import structlog

from app.domain.endpoints import EVENT_TYPES, MOST_ENDPOINTS
from app.domain.errors import InvalidRequest
from app.web.webhook_urls import checked_url
from tests.house import House
from tests.web.problems import assert_problem
from tests.web.steps import key_for
from tests.web.test_client_webhooks import AT_HOME, HOSTILE, STRICT
from tests.web.test_owners import SOME_ID

ROOT = "/api/webhook-endpoints"
URL = "https://pictures.example/hook?t=s3cret"


async def registered(house: House, headers: dict[str, str] | None = None, **wishes: Any) -> dict[str, Any]:
    answer = await house.client.post(ROOT, json={"url": URL, **wishes}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made = dict(answer.json())
    assert answer.headers["location"] == made["urls"]["get"]
    return made


async def test_one_is_registered_listed_changed_and_deleted(front: House) -> None:
    made = await registered(front, events=["prediction.failed", "prediction.failed"], description="mine")
    assert made["secret"].startswith("whsec_")
    assert (made["events"], made["state"], made["description"]) == (["prediction.failed"], "enabled", "mine")
    shown = {name: value for name, value in made.items() if name != "secret"}
    path = f"{ROOT}/{made['id']}"
    assert (await front.client.get(path)).json() == shown
    assert (await front.client.get(ROOT)).json() == {"data": [shown]}

    changes = {"url": "https://pictures.example/other", "events": [], "description": ""}
    changed = (await front.client.patch(path, json=changes)).json()
    assert changed == shown | changes | {"updated_at": changed["updated_at"]}
    assert (await front.client.get(f"{path}/secret")).json()["secret"] == made["secret"]

    assert (await front.client.delete(path)).json() == {"id": made["id"], "deleted": True}
    assert_problem(await front.client.get(path), 404, "endpoint_not_found")
    assert (await front.client.get(ROOT)).json() == {"data": []}


async def test_every_type_may_be_asked_for_and_no_other(standing: House) -> None:
    await registered(standing, events=list(EVENT_TYPES))
    body = {"url": URL, "events": ["prediction.exploded"]}
    assert_problem(await standing.client.post(ROOT, json=body), 422, "invalid_request", "events.0")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": 7}, "url"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
        ({"url": URL, "description": "x" * 501}, "description"),
        ({"url": URL, "events": "prediction.failed"}, "events"),
    ],
)
async def test_what_does_not_fit_is_refused(refusing: House, body: dict[str, Any], field: str) -> None:
    assert_problem(await refusing.client.post(ROOT, json=body), 422, "invalid_request", field)
    assert await refusing.rows("SELECT 1 FROM webhook_endpoints") == []


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_url_is_neither_registered_nor_changed_to(standing: House, url: str) -> None:
    assert_problem(await standing.client.post(ROOT, json={"url": url}), 422, "invalid_request", "url")


async def test_an_endpoint_keeps_its_url_where_a_change_names_a_hostile_one(front: House) -> None:
    path = f"{ROOT}/{(await registered(front))['id']}"
    answer = await front.client.patch(path, json={"url": "https://169.254.169.254/", "enabled": False})
    assert_problem(answer, 422, "invalid_request", "url")
    assert (await front.client.get(path)).json() == (await front.client.get(path)).json() | {
        "url": URL,
        "state": "enabled",
    }


@pytest.mark.parametrize("url", [url for url in HOSTILE + AT_HOME if len(url) <= 2000])
def test_production_takes_public_https_alone(url: str) -> None:
    with pytest.raises(InvalidRequest):
        checked_url(url, "url", STRICT)


async def test_there_are_so_many_and_no_more_however_many_ask_at_once(locked: House) -> None:
    headers = {"x-api-key": await key_for(locked)}
    asked = [locked.client.post(ROOT, json={"url": URL}, headers=headers) for _ in range(MOST_ENDPOINTS + 5)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [201] * MOST_ENDPOINTS + [409] * 5
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert_problem(refused, 409, "too_many_endpoints")
    found = (await locked.client.get(ROOT, headers=headers)).json()["data"]
    await locked.client.delete(f"{ROOT}/{found[0]['id']}", headers=headers)
    await registered(locked, headers)


REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("PATCH", "", {"enabled": False}),
    ("DELETE", "", None),
    ("GET", "/secret", None),
    ("POST", "/rotate", {}),
    ("POST", "/test", None),
    ("POST", "/resend", {"since": "2026-01-01T00:00:00Z"}),
    ("GET", "/attempts", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
async def test_somebody_elses_endpoint_is_not_there(locked: House, method: str, path: str, body: Any) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    made = await registered(locked, ann)
    foreign, missing = [
        assert_problem(
            await locked.client.request(method, f"{ROOT}/{endpoint_id}{path}", json=body, headers=bob),
            404,
            "endpoint_not_found",
        )
        for endpoint_id in (made["id"], SOME_ID)
    ]
    assert {**foreign, "request_id": ""} == {**missing, "request_id": ""}
    assert (await locked.client.get(ROOT, headers=bob)).json() == {"data": []}
    assert (await locked.client.get(f"{ROOT}/{made['id']}", headers=ann)).json()["state"] == "enabled"


async def test_somebody_elses_events_are_not_there(locked: House) -> None:
    ann, bob = {"x-api-key": await key_for(locked)}, {"x-api-key": await key_for(locked)}
    made = await registered(locked, ann)
    event = (await locked.client.post(f"{ROOT}/{made['id']}/test", headers=ann)).json()
    path = f"/api/webhook-events/{event['id']}"
    assert (await locked.client.get(path, headers=ann)).status_code == 200
    assert_problem(await locked.client.get(path, headers=bob), 404, "event_not_found")
    assert_problem(await locked.client.post(f"{path}/resend", headers=bob), 404, "event_not_found")
    listed = await locked.client.get(f"/api/webhook-events?endpoint={made['id']}", headers=bob)
    assert listed.json() == {"data": [], "next": None}


async def test_nothing_is_sent_to_one_that_is_disabled(front: House) -> None:
    made = await registered(front)
    path = f"{ROOT}/{made['id']}"
    event = (await front.client.post(f"{path}/test")).json()
    seen = (await front.client.patch(path, json={"enabled": False})).json()
    assert (seen["state"], seen["disabled_reason"]) == ("disabled", "owner")
    assert (await front.client.get(f"/api/webhook-events/{event['id']}")).json()["state"] == "failed"
    for answer in (
        await front.client.post(f"{path}/test"),
        await front.client.post(f"{path}/resend", json={"since": "2026-01-01T00:00:00Z"}),
        await front.client.post(f"/api/webhook-events/{event['id']}/resend"),
    ):
        assert_problem(answer, 409, "endpoint_disabled")
    seen = (await front.client.patch(path, json={"enabled": True})).json()
    assert (seen["state"], seen["disabled_reason"], seen["disabled_at"]) == ("enabled", None, None)
    missed = await front.client.post(f"{path}/resend", json={"since": "2026-01-01T00:00:00Z"})
    assert missed.json() == {"events": 0, "more": False}  # a test is not missed
    assert await front.rows("SELECT 1 FROM notices WHERE due_at IS NOT NULL") == []


async def test_events_are_read_in_pages_and_by_what_they_are(front: House) -> None:
    one, other = await registered(front), await registered(front)
    for made in (one, one, one, other):
        await front.client.post(f"{ROOT}/{made['id']}/test")
    first = (await front.client.get(f"/api/webhook-events?endpoint={one['id']}&limit=2")).json()
    second = (await front.client.get("/api/webhook-events", params={"cursor": first["next"], "limit": 10})).json()
    assert len(first["data"]) == 2
    assert {each["endpoint_id"] for each in first["data"]} == {one["id"]}
    assert [each["endpoint_id"] for each in second["data"]] == [one["id"]]
    pending = (await front.client.get("/api/webhook-events?state=pending&type=webhook_endpoint.test")).json()
    assert len(pending["data"]) == 4
    assert (await front.client.get("/api/webhook-events?state=failed")).json()["data"] == []


@pytest.mark.parametrize("query", ["state=lost", "type=x", "endpoint=7", "prediction=x", "limit=0", "colour=red"])
async def test_an_unreadable_query_is_refused(standing: House, query: str) -> None:
    field = query.partition("=")[0]
    assert_problem(await standing.client.get(f"/api/webhook-events?{query}"), 422, "invalid_request", field)


@pytest.mark.parametrize("overlap", [-1, 169, "a day"])
async def test_an_overlap_is_of_hours_and_at_most_a_week(front: House, overlap: Any) -> None:
    path = f"{ROOT}/{(await registered(front))['id']}/rotate"
    answer = await front.client.post(path, json={"overlap_hours": overlap})
    assert_problem(answer, 422, "invalid_request", "overlap_hours")


async def test_a_secret_is_in_no_list_no_log_and_no_other_answer(front: House) -> None:
    with structlog.testing.capture_logs() as logs:
        made = await registered(front)
        path = f"{ROOT}/{made['id']}"
        rotated = (await front.client.post(f"{path}/rotate", json={})).json()
        told = [
            (await front.client.get(path)).text,
            (await front.client.get(ROOT)).text,
            (await front.client.patch(path, json={"description": "x"})).text,
            (await front.client.post(f"{path}/test")).text,
            (await front.client.get("/api/webhook-events")).text,
            (await front.client.get(f"{path}/attempts")).text,
        ]
    for secret in (made["secret"], rotated["secret"]):
        assert all(secret not in text for text in told)
        assert secret not in json.dumps(logs, default=str)
    assert "s3cret" not in json.dumps(logs, default=str)


async def test_other_sites_pages_change_no_endpoint(front: House) -> None:
    path = f"{ROOT}/{(await registered(front))['id']}"
    answer = await front.client.patch(path, json={"enabled": False}, headers={"origin": "https://evil.example"})
    assert_problem(answer, 403, "foreign_origin")
