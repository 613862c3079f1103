"""The provider's own list, in which a create whose reply was lost is looked for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given

from app.domain.ports import Unavailable
from app.domain.report import ProviderState
from app.providers.skytells import Skytells
from app.providers.skytells.adapter import MOST_PAGES, PER_PAGE
from app.providers.skytells.reports import Words
from tests.providers.skytells.samples import BASE, CALLBACK, prediction_object
from tests.providers.skytells.values import JSON_VALUES
from tests.providers.stub import ApiStub, answer

SINCE = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
OURS = prediction_object(id="ours", webhook={"url": CALLBACK, "events": []})
OTHERS = [prediction_object(id=f"another-{number}") for number in range(PER_PAGE)]


def page(*entries: Any) -> dict[str, Any]:
    return {"data": list(entries), "pagination": {"current_page": 1, "per_page": 50, "total": 0, "last_page": 1}}


async def listed_ids(skytells: Skytells) -> list[str]:
    return [entry.report.provider_id for entry in await skytells.listed("truefusion-pro", SINCE)]


async def test_the_list_is_asked_for_the_model_from_the_day_before(skytells: Skytells, api: ApiStub) -> None:
    api.says(page())
    assert await listed_ids(skytells) == []
    assert api.last.method == "GET"
    assert api.last.url.copy_with(query=None) == httpx.URL(f"{BASE}/predictions")
    assert dict(api.last.url.params) == {
        "model": "truefusion-pro",
        "from": "2026-10-31",
        "page": "1",
        "per_page": str(PER_PAGE),
    }


@pytest.mark.parametrize("shape", [page, lambda *entries: list(entries)], ids=["envelope", "array"])
async def test_a_list_is_an_envelope_or_an_array(skytells: Skytells, api: ApiStub, shape: Any) -> None:
    api.says(shape(*OTHERS[:2], OURS))
    assert await listed_ids(skytells) == ["another-0", "another-1", "ours"]


@pytest.mark.parametrize(
    ("webhook", "callback_url"),
    [
        ({"url": CALLBACK, "events": ["completed"]}, CALLBACK),
        (CALLBACK, CALLBACK),
        ({"url": None, "events": []}, None),
        ({"url": [CALLBACK]}, None),
        ({}, None),
        (None, None),
        ([CALLBACK], None),
        (7, None),
    ],
)
async def test_an_entry_repeats_the_callback_as_an_object_or_a_text(
    skytells: Skytells, api: ApiStub, webhook: Any, callback_url: str | None
) -> None:
    api.says(page(prediction_object(webhook=webhook)))
    [entry] = await skytells.listed("truefusion-pro", SINCE)
    assert entry.callback_url == callback_url


async def test_an_entry_tells_what_else_could_prove_it_ours(skytells: Skytells, api: ApiStub) -> None:
    api.says(page(OURS | {"status": "processing"}))
    [entry] = await skytells.listed("truefusion-pro", SINCE)
    assert entry.report.state is ProviderState.RUNNING
    assert entry.created_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert entry.input == {"prompt": "a lighthouse"}
    assert "lighthouse" not in repr(entry) and "private" not in repr(entry)


@pytest.mark.parametrize("nothing", [None, 7, "yesterday", [], ["prompt"]])
async def test_an_entry_may_leave_that_open(skytells: Skytells, api: ApiStub, nothing: Any) -> None:
    api.says(page(OURS | {"input": nothing, "created_at": nothing}))
    [entry] = await skytells.listed("truefusion-pro", SINCE)
    assert (entry.created_at, entry.input) == (None, None)


async def test_entries_that_make_no_sense_hide_nothing(skytells: Skytells, api: ApiStub) -> None:
    api.says(page(None, 7, "ours", [], [OURS], {}, {"id": None}, OURS | {"id": 7}, OURS))
    assert await listed_ids(skytells) == ["ours"]


@given(JSON_VALUES)
def test_no_entry_breaks_the_list(value: Any) -> None:
    Words().listed(value)
    Words().listed(OURS | {"webhook": value, "created_at": value, "input": value})


async def test_later_pages_are_read(skytells: Skytells, api: ApiStub) -> None:
    api.answers(answer(page(*OTHERS)), answer(page(*OTHERS)), answer(page(OURS)))
    assert "ours" in await listed_ids(skytells)
    assert [request.url.params["page"] for request in api.requests] == ["1", "2", "3"]


async def test_a_list_without_end_is_left(skytells: Skytells, api: ApiStub) -> None:
    api.says(page(*OTHERS))
    await listed_ids(skytells)
    assert len(api.requests) == MOST_PAGES


async def test_a_page_that_is_not_full_is_the_last(skytells: Skytells, api: ApiStub) -> None:
    api.says(page(*OTHERS[:-1]))
    await listed_ids(skytells)
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{}"),
        (200, b""),
        (200, b'{"data": null}'),
        (200, b'{"data": {"ours": {}}}'),
        (200, b'"data"'),
        (200, b'{"status": false, "error": {"http_status": 401}}'),
        (401, b"[]"),
        (404, b"[]"),
        (429, b"[]"),
        (502, b"<html>"),
        (302, b"[]"),
    ],
)
async def test_a_list_that_cannot_be_read_is_no_proof_of_absence(
    skytells: Skytells, api: ApiStub, status: int, body: bytes
) -> None:
    api.says(status=status, body=body, headers={"retry-after": "4"})
    with pytest.raises(Unavailable) as caught:
        await listed_ids(skytells)
    assert caught.value.retry_after == timedelta(seconds=4)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_nor_is_a_page_that_was_lost(skytells: Skytells, api: ApiStub, error: type[httpx.TransportError]) -> None:
    api.answers(answer(page(*OTHERS)), error("no"))
    with pytest.raises(Unavailable):
        await listed_ids(skytells)


async def test_a_short_page_is_not_the_last_where_the_envelope_says_so(skytells: Skytells, api: ApiStub) -> None:
    capped = {**page(*OTHERS[:20]), "pagination": {"current_page": 1, "per_page": 20, "last_page": 2}}
    api.answers(answer(capped), answer(page(OURS)))
    assert "ours" in await listed_ids(skytells)


async def test_the_search_ends_with_the_first_entry_that_is_too_old(skytells: Skytells, api: ApiStub) -> None:
    old = prediction_object(id="old", created_at=(SINCE - timedelta(minutes=2)).isoformat())
    api.answers(answer(page(*OTHERS)), answer(page(*OTHERS[:-1], old)), answer(page(OURS)))
    await listed_ids(skytells)
    assert len(api.requests) == 2
