"""Deliveries: who signed them, and what they say."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.ports import UnreadableDelivery
from app.domain.report import ProviderState, Report
from app.domain.signatures import hmac_sha256_hex
from app.providers.skytells import Skytells
from app.providers.skytells.reports import Words
from tests.providers.skytells.samples import SECRET, prediction_object, skytells_of
from tests.providers.skytells.values import JSON_VALUES, nested

BODY = b'{"id":"p","status":"succeeded"}'


def read(value: Any) -> Report:
    return Words().delivery(json.dumps(value).encode())


def enveloped(kind: Any, **data: Any) -> dict[str, Any]:
    return {"type": kind, "created_at": "2026-11-01T10:00:06Z", "data": data}


def test_a_delivery_is_the_object_itself_or_lies_in_an_envelope() -> None:
    flat = prediction_object()
    assert read(flat) == read(enveloped("prediction.succeeded", **flat)) == Words().report(flat)


EVENTS = [
    ("prediction.started", ProviderState.RUNNING),
    ("prediction.succeeded", ProviderState.SUCCEEDED),
    ("prediction.failed", ProviderState.FAILED),
    ("prediction.cancelled", ProviderState.CANCELED),
    ("prediction.canceled", ProviderState.CANCELED),
    ("Prediction.Succeeded", ProviderState.SUCCEEDED),
    ("started", ProviderState.RUNNING),
    ("completed", ProviderState.SUCCEEDED),
    ("failed", ProviderState.FAILED),
    ("canceled", ProviderState.CANCELED),
]


@pytest.mark.parametrize(("event", "state"), EVENTS)
def test_the_event_tells_the_status_that_the_object_leaves_out(event: str, state: ProviderState) -> None:
    assert read(enveloped(event, id="pred_1")).state is state


@pytest.mark.parametrize(("event", "_"), EVENTS)
def test_the_objects_own_status_wins_over_the_event(event: str, _: ProviderState) -> None:
    assert read(enveloped(event, id="pred_1", status="processing")).state is ProviderState.RUNNING


@pytest.mark.parametrize("event", ["ping", "prediction.", "", None, 7, ["completed"], nested(500)], ids=range(7))
def test_an_unknown_event_ends_nothing(event: Any) -> None:
    assert read(enveloped(event, id="pred_1")).state is ProviderState.QUEUED


def test_an_object_beside_data_without_an_id_is_flat() -> None:
    assert read({"id": "pred_1", "status": "succeeded", "data": {"a": 1}}).provider_id == "pred_1"


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"id=pred_1&status=succeeded",
    "a page": b"<html></html>",
    "cut": b'{"id": "pred_1", ',
    "two objects": BODY + BODY,
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "a half surrogate of bytes": b'{"id": "\xed\xa0\x80"}',
    "UTF-16 in halves": b"\xff\xfe{",
    "an array": b"[" + BODY + b"]",
    "a text": b'"pred_1"',
    "a number": b"7",
    "null": b"null",
    "NaN": b"NaN",
    "no id": b'{"status": "succeeded"}',
    "an empty id": b'{"id": "", "status": "succeeded"}',
    "a number for an id": b'{"id": 7}',
    "a huge id": b'{"id": "' + b"x" * 10_000 + b'"}',
    "an id with a NUL": b'{"id": "a\\u0000b"}',
    "an id with half of a surrogate pair": b'{"id": "\\ud800"}',
    "an id within the envelope that is none": b'{"type": "completed", "id": "pred_1", "data": {"id": null}}',
    "a number of a million digits": b'{"id": "p", "n": ' + b"9" * 1_000_000 + b"}",
    "bottomless arrays": b"[" * 1_000_000,
    "bottomless objects": b'{"a":' * 200_000,
    "bottomless beside an id": b'{"id": "p", "status": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_delivery_that_names_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        Words().delivery(body)


HOSTILE_BUT_READABLE: dict[str, bytes] = {
    "a bill of NaN": b'{"id": "p", "metadata": {"billing": {"credits_used": NaN}}}',
    "a bill of infinity": b'{"id": "p", "metadata": {"billing": {"credits_used": -Infinity}}}',
    "a bill beyond all floats": b'{"id": "p", "metadata": {"billing": {"credits_used": ' + b"9" * 4000 + b"}}}",
    "a time beyond all floats": b'{"id": "p", "metrics": {"predict_time": ' + b"9" * 4000 + b"}}",
    "an exponent beyond all floats": b'{"id": "p", "metrics": {"predict_time": 1e999}}',
    "a key twice": b'{"id": "q", "id": "p"}',
    "a status of 4000 digits": b'{"id": "p", "status": ' + b"9" * 4000 + b"}",
    "a byte order mark": b'\xef\xbb\xbf{"id": "p"}',
    "UTF-16": '{"id": "p"}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", HOSTILE_BUT_READABLE.values(), ids=HOSTILE_BUT_READABLE.keys())
def test_a_hostile_delivery_that_names_a_prediction_is_read_as_far_as_it_goes(body: bytes) -> None:
    assert Words().delivery(body) == Report("p", ProviderState.QUEUED)


@pytest.mark.parametrize("depth", [*range(100, 900, 100), *range(900, 1000), 2000, 10_000])
@pytest.mark.parametrize("place", ["status", "output", "error", "metadata"])
def test_no_depth_breaks_the_reading(depth: int, place: str) -> None:
    body = f'{{"id": "p", "{place}": {"[" * depth}{"]" * depth}}}'.encode()
    assert readable(body) in (True, False)


@given(st.binary() | JSON_VALUES.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode))
@example(b"\xef\xbb\xbf")
@example(b"\0\0\0{")
def test_any_bytes_are_a_report_or_unreadable(body: bytes) -> None:
    assert readable(body) in (True, False)


@given(
    st.dictionaries(
        st.sampled_from(["id", "type", "status", "data", "output", "error", "metadata", "metrics", "completed_at"]),
        st.just("pred_1") | JSON_VALUES | st.dictionaries(st.sampled_from(["id", "status", "url"]), JSON_VALUES),
    )
)
def test_any_delivery_of_the_right_shape_is_a_report_or_unreadable(value: dict[str, Any]) -> None:
    assert readable(json.dumps(value).encode()) in (True, False)


def readable(body: bytes) -> bool:
    """Anything but a report or UnreadableDelivery breaks the test."""
    try:
        Words().delivery(body)
    except UnreadableDelivery:
        return False
    return True


@pytest.mark.parametrize("prefix", ["", "sha256="])
def test_a_delivery_signed_with_our_secret_is_authentic(skytells: Skytells, prefix: str) -> None:
    headers = httpx.Headers({"X-Skytells-Signature": prefix + hmac_sha256_hex(SECRET, BODY)})
    assert skytells.is_authentic(headers, BODY)
    assert not skytells.is_authentic(headers, BODY + b" ")


def test_any_of_our_secrets_will_do(http: httpx.AsyncClient) -> None:
    rotated = skytells_of(http, secrets=("new", "old"))
    for secret in ("new", "old"):
        assert rotated.is_authentic({"x-skytells-signature": hmac_sha256_hex(secret, BODY)}, BODY)
    assert not rotated.is_authentic({"x-skytells-signature": hmac_sha256_hex("older", BODY)}, BODY)


def test_without_a_secret_nothing_is_authentic(http: httpx.AsyncClient) -> None:
    unset = skytells_of(http, secrets=())
    assert not unset.is_authentic({"x-skytells-signature": hmac_sha256_hex("", BODY)}, BODY)


@pytest.mark.parametrize("header", ["x-signature", "webhook-signature", "x-hub-signature-256", "authorization"])
def test_a_signature_in_another_header_is_none(skytells: Skytells, header: str) -> None:
    assert not skytells.is_authentic({header: hmac_sha256_hex(SECRET, BODY)}, BODY)
