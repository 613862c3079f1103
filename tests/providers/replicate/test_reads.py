"""Looks, cancels and the list: what an answer proves, and what it does not."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.domain.ports import NotKnown, ProviderRefused, Unavailable
from app.domain.report import ProviderState
from app.providers.replicate import Replicate
from app.providers.replicate.adapter import MOST_PAGES
from tests.providers.replicate.samples import (
    BASE,
    CALLBACK,
    MODEL,
    NOW,
    VERSION,
    prediction_object,
    problem,
    replicate_of,
)
from tests.providers.stub import ApiStub, answer

OURS = prediction_object(id="ours", webhook=CALLBACK, webhook_events_filter=["start", "completed"])


def page(*entries: Any, following: Any = None) -> dict[str, Any]:
    return {"previous": None, "next": following, "results": list(entries)}


async def listed_ids(replicate: Replicate, model: str | None = MODEL) -> list[str]:
    return [entry.report.provider_id for entry in await replicate.listed(model, NOW)]


@pytest.mark.parametrize(
    ("provider_id", "path"),
    [("a/b", "a%2Fb"), ("../account", "..%2Faccount"), ("a?page=1", "a%3Fpage%3D1"), ("a%2Fb", "a%252Fb")],
)
async def test_an_id_stays_within_its_place_in_the_path(
    replicate: Replicate, api: ApiStub, provider_id: str, path: str
) -> None:
    api.says(prediction_object())
    await replicate.fetch(provider_id, MODEL)
    assert api.last.url.raw_path.decode() == f"/v1/predictions/{path}"
    await replicate.cancel(provider_id, MODEL)
    assert api.last.url.raw_path.decode() == f"/v1/predictions/{path}/cancel"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (502, b"<html>"),
        (503, b""),
        (429, b"{}"),
        (401, b'{"title": "Unauthenticated"}'),
        (422, b"{}"),
        (301, b""),
        (200, b""),
        (200, b"[]"),
        (200, b'{"id": ""}'),
    ],
)
async def test_an_answer_without_a_prediction_ends_nothing(
    replicate: Replicate, api: ApiStub, status: int, body: bytes
) -> None:
    api.says(body=body, status=status, headers={"retry-after": "9"})
    with pytest.raises(Unavailable) as caught:
        await replicate.fetch("p1", MODEL)
    assert caught.value.retry_after == timedelta(seconds=9)


async def test_a_404_is_not_known_for_a_look_and_for_a_cancel(replicate: Replicate, api: ApiStub) -> None:
    api.says({"detail": "Not found."}, status=404)
    for call in (replicate.fetch, replicate.cancel):
        with pytest.raises(NotKnown):
            await call("p1", MODEL)


@pytest.mark.parametrize("status", [200, 202, 204, 302, 400, 403, 409, 422])
async def test_what_a_cancel_answers_is_for_the_next_look_to_judge(
    replicate: Replicate, api: ApiStub, status: int
) -> None:
    for body in (b"", b"<html>", b"[" * 100_000):
        api.says(status=status, body=body)
        await replicate.cancel("p1", MODEL)


async def test_a_purged_prediction_says_that_its_outputs_are_gone(replicate: Replicate, api: ApiStub) -> None:
    api.says(prediction_object(output=None, input={}, data_removed=True))
    report = await replicate.fetch("p1", MODEL)
    assert (report.state, report.outputs, report.outputs_removed) == (ProviderState.SUCCEEDED, (), True)


async def test_the_list_is_asked_from_a_minute_before(replicate: Replicate, api: ApiStub) -> None:
    api.says(page())
    assert await listed_ids(replicate) == []
    assert api.last.url.copy_with(query=None) == httpx.URL(f"{BASE}/predictions")
    assert dict(api.last.url.params) == {"created_after": "2026-11-01T09:59:00Z"}


@pytest.mark.parametrize(
    ("model", "fields", "is_listed"),
    [
        (MODEL, {}, True),
        (None, {"model": "acme/other"}, True),
        (MODEL, {"model": "acme/other"}, False),
        (MODEL, {"version": VERSION}, True),
        (MODEL, {"deployment": "acme/fast"}, False),
        ("deployments/acme/fast", {"deployment": "acme/fast"}, True),
        ("deployments/acme/fast", {}, False),
        (f"{MODEL}:{VERSION}", {"version": VERSION}, True),
        (f"{MODEL}:{VERSION}", {"version": "0" * 64}, False),
        (f"{MODEL}:{VERSION}", {"version": "hidden"}, False),
        (VERSION, {"version": VERSION}, True),
        (VERSION, {"version": VERSION, "model": None}, True),
        (MODEL, {"model": ["black-forest-labs/flux-schnell"]}, False),
        (MODEL, {"model": "acme/other", "webhook": CALLBACK}, True),
    ],
)
async def test_an_entry_is_listed_under_the_names_it_may_have_been_created_with(
    replicate: Replicate, api: ApiStub, model: str | None, fields: dict[str, Any], is_listed: bool
) -> None:
    api.says(page(prediction_object(id="p1", **fields)))
    assert await listed_ids(replicate, model) == (["p1"] if is_listed else [])


@pytest.mark.parametrize(("webhook", "told"), [(CALLBACK, CALLBACK), (None, None), (7, None), ([CALLBACK], None)])
async def test_an_entry_repeats_its_webhook_or_does_not(
    replicate: Replicate, api: ApiStub, webhook: Any, told: str | None
) -> None:
    api.says(page(OURS | {"webhook": webhook}))
    [entry] = await replicate.listed(MODEL, NOW)
    assert entry.callback_url == told
    assert "private" not in repr(entry) and "robot" not in repr(entry)


async def test_a_purged_entry_does_not_tell_its_input(replicate: Replicate, api: ApiStub) -> None:
    api.says(page(OURS | {"input": {}, "output": None, "data_removed": True}))
    [entry] = await replicate.listed(MODEL, NOW)
    assert entry.input is None


async def test_entries_that_make_no_sense_hide_nothing(replicate: Replicate, api: ApiStub) -> None:
    api.says(page(None, 7, "ours", [], {}, {"id": None}, OURS | {"id": 7}, OURS))
    assert await listed_ids(replicate) == ["ours"]


@pytest.mark.parametrize(
    "following",
    [
        f"{BASE}/predictions?cursor=cD0yMDIyLTAxLTIx%2BMTg%3D",
        "https://elsewhere.example/predictions?cursor=cD0yMDIyLTAxLTIx%2BMTg%3D",
        "http://127.0.0.1/?cursor=cD0yMDIyLTAxLTIx%2BMTg%3D",
    ],
)
async def test_a_cursor_is_taken_as_it_stands_to_our_host_alone(
    replicate: Replicate, api: ApiStub, following: str
) -> None:
    api.answers(answer(page(OURS, following=following)), answer(page(OURS | {"id": "next"})))
    assert await listed_ids(replicate) == ["ours", "next"]
    assert str(api.last.url) == f"{BASE}/predictions?cursor=cD0yMDIyLTAxLTIx%2BMTg%3D"


@pytest.mark.parametrize("following", [None, ""])
async def test_without_a_cursor_the_list_ends(replicate: Replicate, api: ApiStub, following: Any) -> None:
    api.says(page(OURS, following=following))
    assert await listed_ids(replicate) == ["ours"]
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "following",
    [
        *(7, True, [], {}, "?", "https://[", "cursor", f"{BASE}/predictions"),
        *(f"{BASE}/predictions?cursor={cursor}" for cursor in ("\0", "a b", "é", "\ud800", "x" * 100_000)),
    ],
    ids=range(13),
)
async def test_a_list_with_a_page_that_nobody_can_ask_for_proves_nothing(
    replicate: Replicate, api: ApiStub, following: Any
) -> None:
    api.answers(answer(page(OURS, following=following)), answer(page()))
    with pytest.raises(Unavailable):
        await listed_ids(replicate)
    assert len(api.requests) == 1


async def test_a_list_without_end_is_left(replicate: Replicate, api: ApiStub) -> None:
    api.says(page(OURS, following=f"{BASE}/predictions?cursor=again"))
    await listed_ids(replicate)
    assert len(api.requests) == MOST_PAGES


async def test_the_search_ends_with_the_first_entry_that_is_too_old(replicate: Replicate, api: ApiStub) -> None:
    old = prediction_object(id="old", created_at=(NOW - timedelta(minutes=2)).isoformat())
    api.says(page(OURS, old, following=f"{BASE}/predictions?cursor=more"))
    await listed_ids(replicate)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"{}"), (200, b"[]"), (200, b'{"results": null}'), (200, b"<html>"), (404, b"{}"), (502, b""), (302, b"")],
)
async def test_a_list_that_cannot_be_read_is_no_proof_of_absence(
    replicate: Replicate, api: ApiStub, status: int, body: bytes
) -> None:
    api.answers(
        answer(page(OURS, following=f"{BASE}/predictions?cursor=more")),
        answer(status=status, body=body, headers={"retry-after": "4"}),
    )
    with pytest.raises(Unavailable) as caught:
        await listed_ids(replicate)
    assert caught.value.retry_after == timedelta(seconds=4)


@pytest.mark.parametrize("status", [401, 402, 403])
async def test_a_greeting_that_is_refused_says_why(replicate: Replicate, api: ApiStub, status: int) -> None:
    api.says(problem(status), status=status)
    with pytest.raises(ProviderRefused):
        await replicate.greet()


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
async def test_a_greeting_that_tells_nothing_is_an_outage(replicate: Replicate, api: ApiStub, status: int) -> None:
    api.says(status=status)
    with pytest.raises(Unavailable):
        await replicate.greet()


def test_it_shows_no_secret(http: httpx.AsyncClient) -> None:
    shown = repr(replicate_of(http)) + repr(vars(replicate_of(http))["_words"])
    assert "private" not in shown
