"""Deliveries: what they say, once, at the end."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ports import UnreadableDelivery
from app.domain.prediction import FailureCode
from app.domain.report import ProviderState, Report
from app.providers.fal.reports import read_delivery
from tests.providers.fal.samples import ID, OUTPUT, as_body, delivery, infrastructure_error, output, validation_error
from tests.providers.skytells.values import JSON_VALUES


def read(**changes: Any) -> Report:
    return read_delivery(as_body(delivery(**changes)))


def test_a_delivery_names_the_files() -> None:
    assert read() == Report(ID, ProviderState.SUCCEEDED, (OUTPUT,))


def test_the_id_is_the_requests_after_a_retry_of_theirs_too() -> None:
    assert read(gateway_request_id="91aa").provider_id == ID


@pytest.mark.parametrize(
    ("payload", "error", "code"),
    [
        (validation_error(), "Invalid status code: 422", FailureCode.REJECTED),
        (validation_error("content_policy_violation"), "Invalid status code: 422", FailureCode.CONTENT_FILTERED),
        ({"detail": "NSFW content detected"}, "Invalid status code: 400", FailureCode.CONTENT_FILTERED),
        (infrastructure_error("runner_disconnected"), "Invalid status code: 503", FailureCode.PROVIDER_FAILED),
        (None, "Invalid status code: 500", FailureCode.PROVIDER_FAILED),
        (None, None, FailureCode.PROVIDER_FAILED),
        ([], 7, FailureCode.PROVIDER_FAILED),
        (output(), "Invalid status code: 500", FailureCode.PROVIDER_FAILED),
    ],
)
def test_an_error_is_a_failure_in_our_words(payload: Any, error: Any, code: FailureCode) -> None:
    report = read(status="ERROR", payload=payload, error=error)
    assert (report.state, report.outputs) == (ProviderState.FAILED, ())
    assert report.failure is not None and report.failure.code is code
    assert "status code" not in report.failure.message


def test_an_error_may_be_our_own_wish() -> None:
    canceled = infrastructure_error("client_cancelled")
    assert read(status="ERROR", payload=canceled).state is ProviderState.CANCELED
    assert read(status="ERROR", payload=None, error_type="client_cancelled").state is ProviderState.CANCELED


def test_a_payload_that_they_could_not_write_is_left_to_a_look() -> None:
    report = read(payload=None, payload_error="not JSON serialisable")
    assert report == Report(ID, ProviderState.RUNNING)


@pytest.mark.parametrize("payload", [validation_error(), {"detail": "no"}, {"error": "no"}])
def test_an_ok_may_hide_a_failure(payload: Any) -> None:
    assert read(payload=payload).state is ProviderState.FAILED


@pytest.mark.parametrize("word", ["IN_PROGRESS", "ok", "", None, 7, ["OK"], {"OK": 1}])
def test_an_unknown_word_ends_nothing(word: Any) -> None:
    assert read(status=word) == Report(ID, ProviderState.QUEUED)


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "a page": b"<html></html>",
    "cut": b'{"request_id": "7d6f", ',
    "no UTF-8": b'{"request_id": "\xff\xfe"}',
    "an array": b"[]",
    "a text": b'"7d6f"',
    "null": b"null",
    "no id": b'{"status": "OK", "payload": {}}',
    "the gateway's id alone": b'{"gateway_request_id": "7d6f", "status": "OK"}',
    "an empty id": b'{"request_id": "", "status": "OK"}',
    "dots for an id": b'{"request_id": "..", "status": "OK"}',
    "a number for an id": b'{"request_id": 7}',
    "a huge id": b'{"request_id": "' + b"x" * 10_000 + b'"}',
    "an id with a NUL": b'{"request_id": "a\\u0000b"}',
    "bottomless": b"[" * 1_000_000,
    "bottomless beside an id": b'{"request_id": "p", "payload": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_delivery_that_names_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        read_delivery(body)


@given(
    st.fixed_dictionaries(
        {"request_id": st.just(ID), "status": st.sampled_from(["OK", "ERROR"]) | JSON_VALUES, "payload": JSON_VALUES},
        optional={"error": JSON_VALUES, "error_type": JSON_VALUES, "detail": JSON_VALUES, "payload_error": JSON_VALUES},
    )
)
def test_no_value_breaks_the_reading_and_every_report_is_sound(value: dict[str, Any]) -> None:
    report = read_delivery(json.dumps(value).encode())
    assert report.provider_id == ID
    assert (report.state is ProviderState.FAILED) == (report.failure is not None)
    assert not report.outputs or report.state is ProviderState.SUCCEEDED


@given(JSON_VALUES)
def test_no_detail_breaks_the_reading(detail: Any) -> None:
    report = read(status="ERROR", payload={"detail": detail, "error_type": detail})
    assert report.state in (ProviderState.FAILED, ProviderState.CANCELED)
