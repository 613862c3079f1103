"""The prediction object in our words."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.failures import TIMED_OUT
from app.domain.ports import UnreadableDelivery
from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState, Report
from app.providers.replicate.outputs import MOST_OUTPUTS, file_urls
from app.providers.replicate.reports import LONGEST_ID, STATES
from tests.providers.replicate.samples import MODEL, OUTPUT, VERSION, prediction_object, words
from tests.providers.skytells.values import JSON_VALUES, nested

QUEUED, RUNNING = ProviderState.QUEUED, ProviderState.RUNNING
SUCCEEDED, FAILED, CANCELED = ProviderState.SUCCEEDED, ProviderState.FAILED, ProviderState.CANCELED


def read(**changes: Any) -> Report:
    report = words().report(prediction_object(**changes))
    assert report is not None
    return report


def test_a_success_is_read_whole() -> None:
    assert read() == Report(
        provider_id="k5h3v2q7w9xmb4r8t0c6d1n3fy",
        state=SUCCEEDED,
        outputs=(OUTPUT,),
        predict_time=2.41,
        completed_at=datetime(2026, 11, 1, 10, 0, 3, 20000, UTC),
    )


def test_an_id_is_enough() -> None:
    assert words().report({"id": "p1"}) == Report("p1", QUEUED)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("starting", QUEUED),
        ("processing", RUNNING),
        ("succeeded", SUCCEEDED),
        ("failed", FAILED),
        ("canceled", CANCELED),
        ("aborted", FAILED),
    ],
)
def test_every_status_is_known(word: str, state: ProviderState) -> None:
    assert read(status=word).state is state


UNKNOWN_WORDS: list[Any] = ["", "Succeeded", "done", None, True, 0, [], ["succeeded"], {}, nested(5000)]


@pytest.mark.parametrize("word", UNKNOWN_WORDS, ids=range(len(UNKNOWN_WORDS)))
def test_an_unknown_status_ends_nothing(word: Any) -> None:
    assert read(status=word).state is QUEUED


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "aborted"}, FAILED),
        ({"status": "aborted", "deadline": "2026-11-01T11:00:00Z", "completed_at": None}, FAILED),
        ({"status": "canceled", "deadline": "2026-11-01T10:00:03Z"}, FAILED),
        ({"status": "canceled", "deadline": "2026-11-01T10:00:03.020000Z"}, FAILED),
        ({"status": "canceled", "deadline": "2026-11-01T10:00:04Z"}, CANCELED),
        ({"status": "canceled", "deadline": "2026-11-01T10:00:03Z", "completed_at": None}, CANCELED),
        ({"status": "canceled", "deadline": 7}, CANCELED),
        ({"status": "canceled"}, CANCELED),
        ({"status": "succeeded", "deadline": "2026-11-01T10:00:03Z"}, SUCCEEDED),
    ],
)
def test_what_its_deadline_ended_timed_out_and_was_canceled_by_nobody(
    fields: dict[str, Any], state: ProviderState
) -> None:
    report = read(**fields)
    assert report.state is state
    assert (report.failure == TIMED_OUT) == (state is FAILED)


@pytest.mark.parametrize(
    "provider_id",
    [
        None,
        "",
        7,
        True,
        ["p1"],
        {"id": "p1"},
        "x" * (LONGEST_ID + 1),
        "p\n1",
        "p\0",
        "\u202e",
        "é",
        "\ud800",
        " ",
        "..",
    ],
)
def test_an_id_that_names_nothing_makes_no_report(provider_id: Any) -> None:
    assert words().report(prediction_object(id=provider_id)) is None


A, B, C = (f"https://replicate.delivery/{name}.png" for name in "abc")
OUTPUTS: list[tuple[Any, tuple[str, ...]]] = [
    (A, (A,)),
    ([A, B], (A, B)),
    ([B, A, B], (B, A, B)),
    ({"image": A, "mask": B}, (A, B)),
    ({"frames": [{"url": A}, {"url": B, "depth": C}], "text": "a fox"}, (A, B, C)),
    ([[A], [[B]], {"deep": [{"er": C}]}], (A, B, C)),
    ([None, 7, True, 1.5, A], (A,)),
    ("a sentence", ()),
    (["to", "kens", " of", " text"], ()),
    (f"{A} is where it lies", ()),
    (f"see {A}", ()),
    ([f" {A}", f"{A}\n", f"{A}\0", "https://", "https:///", "https:replicate.delivery", "\ud800"], ()),
    (["http://replicate.delivery/a.png", "ftp://a/b", "file:///etc/passwd", "//replicate.delivery/a"], ()),
    (["data:image/png;base64,AAAA", A], (A,)),
    ("https://" + "a" * 10_000, ()),
    ({A: "a key is no output"}, ()),
    (None, ()),
    ([], ()),
    ({}, ()),
    (7, ()),
]


@pytest.mark.parametrize(("output", "files"), OUTPUTS, ids=range(len(OUTPUTS)))
def test_outputs_are_the_files_anywhere_in_an_output_in_their_order(output: Any, files: tuple[str, ...]) -> None:
    assert read(output=output).outputs == files


@pytest.mark.parametrize("name", [None, "inner"])
def test_no_depth_hides_a_file_or_breaks_the_reading(name: str | None) -> None:
    value = nested(100_000, name)
    assert file_urls([value, A]) == (A,)


def test_a_flood_of_outputs_is_cut() -> None:
    assert len(read(output=[f"https://a/{number}" for number in range(10_000)]).outputs) == MOST_OUTPUTS


def test_an_emulators_files_may_be_without_tls() -> None:
    assert file_urls(["http://127.0.0.1:8001/a.png", A], ("https://", "http://")) == ("http://127.0.0.1:8001/a.png", A)


@pytest.mark.parametrize(
    ("removed", "said"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_outputs_are_removed_when_it_says_so(removed: Any, said: bool) -> None:
    assert read(data_removed=removed, output=None).outputs_removed is said


FAILURES: list[tuple[Any, FailureCode, str, str | None]] = [
    ("CUDA out of memory (E1001)", FailureCode.PROVIDER_FAILED, "The provider's machine ran out of memory.", "E1001"),
    ("E6716: timed out starting", FailureCode.PROVIDER_FAILED, "The provider could not start it in time.", "E6716"),
    ("Something (E9999)", FailureCode.PROVIDER_FAILED, "The provider failed to make it.", "E9999"),
    ("IndexError: very private", FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    (
        "The input or output was flagged as sensitive. Please try again (E005)",
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        "E005",
    ),
    (
        "NSFW content detected. Try running it again.",
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        None,
    ),
    (None, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    ({"detail": "E1001"}, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    ("x" * 100_000, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
]


@pytest.mark.parametrize(("error", "code", "sentence", "provider_code"), FAILURES, ids=range(len(FAILURES)))
def test_a_failure_is_told_in_our_words(
    error: Any, code: FailureCode, sentence: str, provider_code: str | None
) -> None:
    assert read(status="failed", output=None, error=error).failure == Failure(code, sentence, provider_code)


@pytest.mark.parametrize("status", ["starting", "processing", "succeeded", "canceled", "what?"])
def test_only_a_failed_prediction_has_a_failure(status: str) -> None:
    assert read(status=status, error="NSFW content detected.").failure is None


PRICED = words(acme__painter="0.0014")
COMMUNITY = {"model": "acme/painter", "version": VERSION, "metrics": {"predict_time": 2.5}}


def billed(**changes: Any) -> Decimal | None:
    report = PRICED.report(prediction_object(**COMMUNITY | changes))
    assert report is not None
    return report.billed


def test_a_bill_is_the_time_of_work_at_the_price_of_the_hardware() -> None:
    assert billed() == Decimal("0.0035")
    assert billed(metrics={"predict_time": 0.0001}) == Decimal("0")
    assert billed(metrics={"predict_time": 1 / 3}) == Decimal("0.000467")


@pytest.mark.parametrize(("status", "expected"), [("failed", "0.0035"), ("canceled", "0.0035"), ("aborted", "0")])
def test_work_is_billed_however_it_ended_unless_it_never_began(status: str, expected: str) -> None:
    assert billed(status=status) == Decimal(expected)


@pytest.mark.parametrize("status", ["starting", "processing", "what?"])
def test_what_is_under_way_has_no_bill(status: str) -> None:
    assert billed(status=status) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "acme/other"},
        {"model": MODEL},
        {"deployment": "acme/fast-painter"},
        {"model": None, "version": None},
        {"metrics": {}},
        {"metrics": None},
        {"metrics": {"predict_time": float("nan")}},
        {"metrics": {"predict_time": 10**400}},
        {"metrics": {"predict_time": -1}},
        {"metrics": {"predict_time": "2.5"}},
    ],
    ids=str,
)
def test_where_price_or_time_is_not_known_there_is_no_bill(changes: dict[str, Any]) -> None:
    assert billed(**changes) is None


def test_a_deployment_has_a_price_of_its_own() -> None:
    deployed = words(deployments__acme__fast_painter="0.002")
    report = deployed.report(prediction_object(**COMMUNITY | {"deployment": "acme/fast-painter"}))
    assert report is not None and report.billed == Decimal("0.005")


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"id=p1&status=succeeded",
    "cut": b'{"id": "p1", ',
    "no UTF-8": b'{"id": "\xff\xfe"}',
    "an array": b'[{"id": "p1"}]',
    "a text": b'"p1"',
    "null": b"null",
    "no id": b'{"status": "succeeded"}',
    "a number for an id": b'{"id": 7}',
    "a number of a million digits": b'{"id": "p", "n": ' + b"9" * 1_000_000 + b"}",
    "bottomless": b"[" * 1_000_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_delivery_that_names_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        words().delivery(body)


def test_a_delivery_is_the_object_itself() -> None:
    assert words().delivery(json.dumps(prediction_object()).encode()) == read()


FIELDS = dict.fromkeys(prediction_object().keys() - {"id"}, JSON_VALUES) | {
    "status": st.sampled_from([*STATES]) | JSON_VALUES,
    "metrics": st.fixed_dictionaries({"predict_time": JSON_VALUES}) | JSON_VALUES,
    "deadline": JSON_VALUES | st.datetimes().map(str),
    "deployment": JSON_VALUES,
    "webhook": JSON_VALUES,
}
SHAPED = st.fixed_dictionaries({"id": st.just("p1")}, optional=FIELDS)


@given(JSON_VALUES | SHAPED)
def test_no_value_breaks_the_reading_and_every_report_is_sound(value: Any) -> None:
    report = PRICED.report(value)
    listed = PRICED.listed(value)
    assert (report is None) == (listed is None)
    if report is None:
        return
    assert report.provider_id.isascii() and report.provider_id.isprintable()
    assert all(url.startswith("https://") and url.isprintable() for url in report.outputs)
    assert report.billed is None or report.billed >= 0
    assert report.predict_time is None or 0 <= report.predict_time < 1e7
    assert (report.state is FAILED) == (report.failure is not None)


@given(st.binary() | SHAPED.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_report_or_unreadable(body: bytes) -> None:
    try:
        assert isinstance(words().delivery(body), Report)
    except UnreadableDelivery as error:
        assert str(error)
