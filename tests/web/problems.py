"""What every refusal must look like."""

from typing import Any

import httpx

from tests.house import House

ALWAYS = {"type", "title", "status", "detail", "code", "request_id"}
SOMETIMES = {"errors", "retry_after"}


def assert_problem(answer: httpx.Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """The document, if it is this problem; `field` must be among those it names."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    document: dict[str, Any] = answer.json()
    assert ALWAYS <= set(document) <= ALWAYS | SOMETIMES
    assert (document["status"], document["code"]) == (status, code), document
    assert document["type"] == f"urn:darkroom:problem:{code}"
    assert document["title"] and document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get("retry-after") == (str(document["retry_after"]) if "retry_after" in document else None)
    assert all(set(each) == {"field", "message"} for each in document.get("errors", ()))
    if field is not None:
        assert field in [each["field"] for each in document["errors"]], document["errors"]
    return document


async def assert_nothing_made(house: House) -> None:
    (row,) = await house.rows(
        "SELECT (SELECT count(*) FROM predictions) + (SELECT count(*) FROM idempotency_keys) AS made"
    )
    assert row["made"] == 0
    assert (await house.client.get(f"{house.emulator.url}/_ledger")).json() == []
