"""A prediction, the events that may happen to it, and what must hold after every one of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from app.domain.events import (
    Asked,
    CancelAsked,
    Collected,
    Event,
    GaveUp,
    Heard,
    Looked,
    NeverArrived,
    NotReached,
    PutOff,
    Refused,
    Unanswered,
)
from app.domain.lifecycle import advance
from app.domain.money import entries
from app.domain.prediction import (
    STATUS_OF_STAGE,
    Choice,
    Failure,
    FailureCode,
    File,
    FileState,
    Prediction,
    Stage,
    Status,
    StoredFile,
    Webhook,
)
from app.domain.report import ProviderState, Report
from app.domain.settling import may_settle
from app.domain.steps import waited
from app.domain.work import Terms, Work, WorkKind

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TERMS = Terms()
LEASE = timedelta(seconds=30)
PRICE, BILL = Decimal("0.06"), Decimal("0.05")
OUTPUTS = ("https://cdn.example/0.png", "https://cdn.example/1.png")
REFUSED = Failure(FailureCode.REJECTED, "The provider refused this request.")
FILTERED = Failure(FailureCode.CONTENT_FILTERED, "The provider's moderation refused the content.")
BROKEN = Failure(FailureCode.PROVIDER_FAILED, "The provider failed to make it.", "PREDICTION_FAILED")
UNSAFE = Failure(FailureCode.OUTPUT_REJECTED, "Output 0 is not something we store.")


def new_prediction() -> Prediction:
    return Prediction(
        id=UUID(int=7),
        owner="local",
        provider="skytells",
        model="truefusion-pro",
        input={"prompt": "a very private fox"},
        metadata={"note": "a very private note"},
        webhook=Webhook("https://client.example/hook?key=very-private"),
        created_at=START,
        updated_at=START,
        price=PRICE,
        held=PRICE,
        budget_day=START.date(),
        callback_token="the-callback-token",
        client_token="ct_the-client-token",
        work=Work(WorkKind.SUBMIT, due_at=START, deadline_at=START + TERMS.submit_within),
    )


DEAREST = Decimal("0.09")
STAND_BY = (
    Choice("skytells", "truefusion", Decimal("0.02"), "the-second-token"),
    Choice("stability", "core", DEAREST, "the-third-token"),
)


def with_fallback() -> Prediction:
    return replace(new_prediction(), held=DEAREST, fallback=STAND_BY)


def told(
    state: ProviderState,
    provider_id: str = "ours",
    *,
    outputs: tuple[str, ...] = (),
    completed_at: datetime | None = None,
    billed: Decimal | None = None,
) -> Heard:
    failure = BROKEN if state is ProviderState.FAILED else None
    report = Report(provider_id, state, outputs, failure, billed=billed, completed_at=completed_at)
    return Heard(report)


QUEUED = told(ProviderState.QUEUED)
RUNNING = told(ProviderState.RUNNING)
SUCCEEDED = told(ProviderState.SUCCEEDED, outputs=OUTPUTS)
BILLED = told(ProviderState.SUCCEEDED, outputs=OUTPUTS, billed=BILL)
FAILED_AND_BILLED = told(ProviderState.FAILED, billed=BILL)
EMPTY = told(ProviderState.SUCCEEDED)
FAILED = told(ProviderState.FAILED)
CANCELED = told(ProviderState.CANCELED)

STORED_FILES = tuple(
    File(at, url, FileState.STORED, StoredFile(f"key-{at}.png", "image/png", 10, "00" * 32))
    for at, url in enumerate(OUTPUTS)
)
STORED = Collected(STORED_FILES)
ONE_PENDING = Collected((STORED_FILES[0], File(1, OUTPUTS[1])))
ONE_LOST = Collected((STORED_FILES[0], File(1, OUTPUTS[1], FileState.LOST)))
ONE_REJECTED = Collected((File(0, OUTPUTS[0], FileState.LOST, failure=UNSAFE), STORED_FILES[1]))

ALPHABET: Mapping[str, Event] = {
    "asked": Asked(),
    "not reached": NotReached(),
    "told when": NotReached(timedelta(seconds=20)),
    "limited": NotReached(timedelta(seconds=20), limited=True),
    "unanswered": Unanswered(),
    "refused": Refused(REFUSED),
    "filtered": Refused(FILTERED),
    "queued": QUEUED,
    "running": RUNNING,
    "succeeded": SUCCEEDED,
    "succeeded and billed": BILLED,
    "failed and billed": FAILED_AND_BILLED,
    "succeeded with nothing": EMPTY,
    "failed": FAILED,
    "canceled": CANCELED,
    "another queued": told(ProviderState.QUEUED, "another"),
    "another succeeded": told(ProviderState.SUCCEEDED, "another", outputs=OUTPUTS),
    "looked": Looked(),
    "put off": PutOff(SECOND),
    "cancel asked": CancelAsked(),
    "never arrived": NeverArrived(),
    "all stored": STORED,
    "one pending": ONE_PENDING,
    "one lost": ONE_LOST,
    "gave up": GaveUp(),
}


def after(*events: Event, start: Prediction | None = None) -> Prediction:
    """Where the events lead, one second apart."""
    prediction = start or new_prediction()
    for number, event in enumerate(events, 1):
        prediction = happen(prediction, event, START + number * SECOND)
    return prediction


def happen(prediction: Prediction, event: Event, now: datetime, terms: Terms = TERMS) -> Prediction:
    return advance(claimed(prediction, event, now), event, now, terms)


def claimed(prediction: Prediction, event: Event, now: datetime) -> Prediction:
    """As the holder of the work finds it: an attempt more, and a lease (`db.owed`)."""
    if prediction.work is None or isinstance(event, Heard | CancelAsked):
        return prediction
    work = waited(prediction.work, now)
    work = replace(work, attempts=work.attempts + 1, due_at=now + LEASE)
    return replace(prediction, work=work)


def check_state(prediction: Prediction) -> None:
    """What holds of every prediction at every moment."""
    is_final = prediction.status.is_final
    assert is_final == (prediction.stage is Stage.DONE)
    assert is_final or prediction.work is not None
    assert not is_final or prediction.work is None or may_settle(prediction)
    assert is_final == (prediction.completed_at is not None)
    if not is_final:
        assert prediction.status is STATUS_OF_STAGE.get(prediction.stage, prediction.status)
    if prediction.work is not None:
        check_work(prediction, prediction.work)
    if prediction.status is Status.SUCCEEDED:
        assert prediction.files
        assert all(file.state is FileState.STORED and file.stored for file in prediction.files)
        assert prediction.failure is None
    assert (prediction.status is Status.FAILED) == (prediction.failure is not None)
    assert prediction.failure is None or prediction.failure.code in FailureCode
    assert is_final or prediction.price is not None
    assert prediction.held == 0 if is_final else prediction.held >= max(_prices(prediction))
    assert prediction.captured in (None, prediction.price, BILL)
    assert is_final or prediction.captured is None
    assert prediction.status is not Status.SUCCEEDED or prediction.captured is not None
    assert (prediction.stage is not Stage.STORING) or prediction.provider_id is not None


def _prices(prediction: Prediction) -> list[Decimal]:
    return [prediction.price or Decimal(0), *(choice.price for choice in prediction.fallback)]


def check_work(prediction: Prediction, work: Work) -> None:
    assert work.due_at.tzinfo and work.deadline_at.tzinfo
    if prediction.stage is Stage.STORING:
        assert work.kind is WorkKind.COLLECT
    if prediction.stage in (Stage.QUEUED, Stage.SUBMITTING):
        assert work.kind is WorkKind.SUBMIT
    assert work.waits_since is None or (work.kind is WorkKind.SUBMIT and prediction.asked_at is None)
    assert not prediction.fallback or work.kind is WorkKind.SUBMIT
    if work.kind is WorkKind.SUBMIT:
        assert prediction.provider_id is None
        assert not prediction.status.is_final
    if work.kind is WorkKind.CANCEL:
        assert prediction.stage is Stage.CANCELING
        assert prediction.provider_id is not None


def check_step(before: Prediction, event: Event, now: datetime, terms: Terms = TERMS) -> Prediction:
    """What holds of every step; returns where it led."""
    result = advance(before, event, now, terms)
    check_state(result)
    check_entries(before, result)
    assert advance(before, event, now, terms) == result
    if result == before:
        assert result is before
        return result
    if before.status.is_final:
        for kept in ("status", "stage", "failure", "completed_at", "started_at"):
            assert getattr(result, kept) == getattr(before, kept)
    assert result.updated_at == now
    assert result.stage.rank >= before.stage.rank
    assert result.provider_id == before.provider_id or before.provider_id is None
    assert result.started_at == before.started_at or before.started_at is None
    check_maker(before, event, result)
    assert (result.id, result.created_at, result.input) == (before.id, before.created_at, before.input)
    if not owes(before, WorkKind.SUBMIT) and not isinstance(event, NeverArrived):
        assert not owes(result, WorkKind.SUBMIT)
    if isinstance(event, Unanswered):
        assert not owes(result, WorkKind.SUBMIT)
    return result


def check_maker(before: Prediction, event: Event, result: Prediction) -> None:
    """Somebody else is asked only where the one before surely made nothing; and then it is the next in the list."""
    if result.provider == before.provider and result.model == before.model:
        assert (result.callback_token, result.price) == (before.callback_token, before.price)
        assert result.fallback in (before.fallback, ())
        return
    assert isinstance(event, Refused | GaveUp)
    assert before.provider_id is None and before.cancel_asked_at is None
    assert isinstance(event, Refused) or before.asked_at is None
    assert not isinstance(event, Refused) or event.failure.code is not FailureCode.CONTENT_FILTERED
    following, *rest = before.fallback
    chosen = Choice(result.provider, result.model, result.price or Decimal(0), result.callback_token)
    assert (chosen, result.fallback) == (following, tuple(rest))
    assert owes(before, WorkKind.SUBMIT) and owes(result, WorkKind.SUBMIT)
    assert result.held == before.held and result.asked_at is None


def check_entries(before: Prediction, result: Prediction) -> None:
    """What the ledger notes of a step is just what the step moved."""
    noted = entries(before, result)
    assert sum(entry.held for entry in noted) == result.held - before.held
    assert sum(entry.captured for entry in noted) == (result.captured or 0) - (before.captured or 0)
    assert before.captured is None or result.captured == before.captured


def owes(prediction: Prediction, kind: WorkKind) -> bool:
    return prediction.work is not None and prediction.work.kind is kind
