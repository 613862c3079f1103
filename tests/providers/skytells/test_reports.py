"""The prediction object in our words."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.prediction import Failure, FailureCode
from app.domain.report import ProviderState, Report
from app.providers.skytells.reports import LARGEST_BILL, LONGEST_ID, MOST_OUTPUTS, Words
from tests.providers.skytells.samples import OUTPUT, prediction_object
from tests.providers.skytells.values import JSON_VALUES, nested

QUEUED, RUNNING = ProviderState.QUEUED, ProviderState.RUNNING
SUCCEEDED, FAILED, CANCELED = ProviderState.SUCCEEDED, ProviderState.FAILED, ProviderState.CANCELED


def read(words: Words | None = None, **changes: Any) -> Report:
    report = (words or Words()).report(prediction_object(**changes))
    assert report is not None
    return report


def test_a_success_is_read_whole() -> None:
    assert read() == Report(
        provider_id="0b9d6c1e-6f3a-4c0b-9a43-5f1f6c2f7e11",
        state=SUCCEEDED,
        outputs=(OUTPUT,),
        predict_time=4.8,
        billed=Decimal("0.03"),
        completed_at=datetime(2026, 11, 1, 10, 0, 6, 120000, UTC),
    )


def test_an_id_is_enough() -> None:
    assert Words().report({"id": "pred_1"}) == Report("pred_1", QUEUED)


SPELLINGS = [
    ("queued", QUEUED),
    ("pending", QUEUED),
    (False, QUEUED),
    ("starting", RUNNING),
    ("started", RUNNING),
    ("processing", RUNNING),
    ("running", RUNNING),
    ("succeeded", SUCCEEDED),
    ("completed", SUCCEEDED),
    ("failed", FAILED),
    ("error", FAILED),
    ("canceled", CANCELED),
    ("cancelled", CANCELED),
    ("Succeeded", SUCCEEDED),
    ("CANCELLED", CANCELED),
    ("FaIlEd", FAILED),
]


@pytest.mark.parametrize(("word", "state"), SPELLINGS)
def test_every_spelling_of_a_status_is_known(word: str | bool, state: ProviderState) -> None:
    assert read(status=word).state is state


UNKNOWN_WORDS: list[Any] = [
    "",
    "done",
    "succeeded!",
    " succeeded",
    "archived",
    None,
    True,
    0,
    1,
    200,
    [],
    ["succeeded"],
    {},
    nested(5000),
]


@pytest.mark.parametrize("word", UNKNOWN_WORDS, ids=range(len(UNKNOWN_WORDS)))
def test_an_unknown_status_ends_nothing(word: Any) -> None:
    assert read(status=word).state is QUEUED


@pytest.mark.parametrize(
    "provider_id",
    [
        None,
        "",
        7,
        7.5,
        True,
        ["pred_1"],
        {"id": "pred_1"},
        "x" * 10_000,
        "x" * (LONGEST_ID + 1),
        "pred\n1",
        "pred\0",
        "\x7f",
        "pred\u202e1",
        "pr\u00e9d",
        "\ud800",
        " ",
        ".",
        "..",
    ],
)
def test_an_id_that_names_nothing_makes_no_report(provider_id: Any) -> None:
    assert Words().report(prediction_object(id=provider_id)) is None


@pytest.mark.parametrize("provider_id", ["p", "x" * LONGEST_ID, "pred_1", "a.b", "a/b", "a-b:c"])
def test_ids_are_opaque(provider_id: str) -> None:
    assert read(id=provider_id).provider_id == provider_id


@pytest.mark.parametrize("value", [None, True, 7, "pred_1", [], [{"id": "pred_1"}]])
def test_what_is_no_object_makes_no_report(value: Any) -> None:
    assert Words().report(value) is None


FILES = {"storage": {"files": [{"url": "https://a/1"}, {"url": "https://a/2"}]}}


@pytest.mark.parametrize(
    ("output", "metadata", "outputs"),
    [
        ("https://a/1", {}, ("https://a/1",)),
        (["https://a/2", "https://a/1"], {}, ("https://a/2", "https://a/1")),
        (["https://a/3"], FILES, ("https://a/3",)),
        (None, FILES, ("https://a/1", "https://a/2")),
        ([], FILES, ("https://a/1", "https://a/2")),
        ("", FILES, ("https://a/1", "https://a/2")),
        (["", None], FILES, ("https://a/1", "https://a/2")),
        ({"url": "https://a/3"}, FILES, ("https://a/1", "https://a/2")),
        (None, {}, ()),
        (None, None, ()),
        (None, {"storage": None}, ()),
        (None, {"storage": {"files": {"url": "https://a/1"}}}, ()),
        (
            None,
            {"storage": {"files": [None, 7, "https://a/1", {}, {"url": 7}, {"url": "https://a/1"}]}},
            ("https://a/1",),
        ),
        ({"url": "https://a/1"}, {}, ()),
        (7, {}, ()),
        (True, {}, ()),
        ([None, 7, "", "https://a/1", ["https://a/2"], "https://a/\0", "https://a/\n", "\ud800"], {}, ("https://a/1",)),
    ],
)
def test_outputs_are_a_text_an_array_or_the_files_of_the_storage(
    output: Any, metadata: Any, outputs: tuple[str, ...]
) -> None:
    assert read(output=output, metadata=metadata).outputs == outputs


def test_a_flood_of_outputs_is_cut() -> None:
    assert len(read(output=[f"https://a/{number}" for number in range(10_000)]).outputs) == MOST_OUTPUTS


@pytest.mark.parametrize(
    ("used", "billed"),
    [
        (0.03, "0.03"),
        (0, "0"),
        (2, "2"),
        (0.1 + 0.2, "0.3"),
        (0.0000004, "0"),
        (0.0000006, "0.000001"),
        (5e-324, "0"),
        (LARGEST_BILL, "1000000"),
    ],
)
def test_a_bill_is_exact_to_the_millionth(used: float, billed: str) -> None:
    assert read(metadata={"billing": {"credits_used": used}}).billed == Decimal(billed)


def test_credits_become_money_at_the_rate_that_is_set() -> None:
    words = Words(usd_per_credit=Decimal("0.01"))
    assert read(words, metadata={"billing": {"credits_used": 3}}).billed == Decimal("0.03")


ABSURD_BILLS: list[Any] = [
    -0.03,
    -1,
    float("nan"),
    float("inf"),
    float("-inf"),
    1e308,
    1_000_000.01,
    10**400,
    -(10**400),
    True,
    False,
    "0.03",
    "NaN",
    [0.03],
    {"usd": 1},
    nested(5000),
]


@pytest.mark.parametrize("used", ABSURD_BILLS, ids=range(len(ABSURD_BILLS)))
def test_an_absurd_bill_is_kept_aside_and_the_rest_of_the_report_stands(used: Any) -> None:
    report = read(metadata={"billing": {"credits_used": used}})
    assert report.billed is None
    assert (report.state, report.outputs, report.predict_time) == (SUCCEEDED, (OUTPUT,), 4.8)


@pytest.mark.parametrize("metadata", [None, 7, [], {}, {"billing": None}, {"billing": []}, {"billing": {}}])
def test_no_bill_is_none(metadata: Any) -> None:
    assert read(metadata=metadata).billed is None


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        (4.8, 4.8),
        (0, 0.0),
        (7, 7.0),
        (-1, None),
        (1e7, None),
        (1e308, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        ("4.8", None),
        (None, None),
        ([], None),
    ],
)
def test_a_time_of_work_is_a_number_of_seconds_or_none(seconds: Any, kept: float | None) -> None:
    assert read(metrics={"predict_time": seconds}).predict_time == kept


@pytest.mark.parametrize("metrics", [None, [], 4.8, "4.8", {}])
def test_no_metrics_are_none(metrics: Any) -> None:
    assert read(metrics=metrics).predict_time is None


TEN = datetime(2026, 11, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-01T10:00:00.000000Z", TEN),
        ("2026-11-01T10:00:00+00:00", TEN),
        ("2026-11-01T12:00:00+02:00", TEN),
        ("2026-11-01T10:00:00", TEN),
        ("2026-11-01 10:00:00Z", TEN),
        ("2026-11-01T10:00:00.120Z", TEN + timedelta(milliseconds=120)),
        ("0001-01-01T00:00:00+14:00", datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))),
        ("2026-13-01T10:00:00Z", None),
        ("yesterday", None),
        ("", None),
        ("\ud800", None),
        (None, None),
        (1761991200, None),
        (True, None),
        (["2026-11-01T10:00:00Z"], None),
    ],
)
def test_both_spellings_of_a_time_are_read(text: Any, time: datetime | None) -> None:
    assert read(completed_at=text).completed_at == time


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", fullmatch=True))
def test_no_time_breaks_the_report(text: str) -> None:
    time = read(completed_at=text).completed_at
    assert time is None or time.tzinfo is not None


FAILURES: list[tuple[dict[str, Any], FailureCode, str, str | None]] = [
    ({"error": "Failed to generate image."}, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    (
        {"error": "Input resolution too high."},
        FailureCode.PROVIDER_FAILED,
        "The provider found the input's resolution too high.",
        None,
    ),
    (
        {"response": "Context length exceeded."},
        FailureCode.PROVIDER_FAILED,
        "The provider found the input too long.",
        None,
    ),
    (
        {"error": "NSFW content detected."},
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        None,
    ),
    (
        {"error_id": "CONTENT_POLICY_VIOLATION", "error_message": "No."},
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        "CONTENT_POLICY_VIOLATION",
    ),
    (
        {"error_id": "GPU_LOST", "error_message": "nsfw"},
        FailureCode.CONTENT_FILTERED,
        "The provider's moderation refused the content.",
        "GPU_LOST",
    ),
    (
        {"error": {"message": "Gone.", "error_id": "GPU_LOST"}},
        FailureCode.PROVIDER_FAILED,
        "The provider failed to make it.",
        "GPU_LOST",
    ),
    ({"error": None, "response": None}, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    ({"error": [], "response": {}}, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
    ({"error_id": "their words!"}, FailureCode.PROVIDER_FAILED, "The provider failed to make it.", None),
]


@pytest.mark.parametrize(("fields", "code", "sentence", "provider_code"), FAILURES)
def test_a_failure_is_told_in_our_words(
    fields: dict[str, Any], code: FailureCode, sentence: str, provider_code: str | None
) -> None:
    assert read(status="failed", output=None, **fields).failure == Failure(code, sentence, provider_code)


@pytest.mark.parametrize("status", ["pending", "processing", "succeeded", "cancelled", "what?"])
def test_only_a_failed_prediction_has_a_failure(status: str) -> None:
    assert read(status=status, error="NSFW content detected.").failure is None


FIELDS = dict.fromkeys(prediction_object().keys() - {"id"}, JSON_VALUES)
INNER = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {
                "billing": st.fixed_dictionaries({"credits_used": JSON_VALUES}) | JSON_VALUES,
                "storage": st.fixed_dictionaries({"files": JSON_VALUES}) | JSON_VALUES,
            }
        ),
        "metrics": st.fixed_dictionaries({"predict_time": JSON_VALUES}),
        "error": st.fixed_dictionaries({"error_id": JSON_VALUES, "message": JSON_VALUES, "http_status": JSON_VALUES}),
        "status": st.sampled_from([word for word, _ in SPELLINGS]),
    },
)
SHAPED = st.builds(
    lambda entry, inner: entry | inner, st.fixed_dictionaries({"id": st.just("pred_1")}, optional=FIELDS), INNER
)


@given(JSON_VALUES | SHAPED)
def test_no_value_breaks_the_reading_and_every_report_is_sound(value: Any) -> None:
    report = Words().report(value)
    if report is None:
        return
    assert report.provider_id.isascii() and report.provider_id.isprintable()
    assert all(url and url.isprintable() for url in report.outputs)
    assert report.billed is None or 0 <= report.billed <= LARGEST_BILL
    assert report.predict_time is None or 0 <= report.predict_time < 1e7
    assert (report.state is FAILED) == (report.failure is not None)
