"""The one aggregate: a prediction, the files it ends in and the work it still owes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from app.domain.work import Work


class Status(StrEnum):
    """What clients branch on. The last three are final and never left."""

    STARTING = "starting"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)


class Stage(StrEnum):
    """Where in its life a prediction is; finer than the status, in the order of the road."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    WAITING = "waiting"
    RUNNING = "running"
    CANCELING = "canceling"
    STORING = "storing"
    DONE = "done"

    @property
    def rank(self) -> int:
        return list(Stage).index(self)


STATUS_OF_STAGE: Mapping[Stage, Status] = {
    Stage.QUEUED: Status.STARTING,
    Stage.SUBMITTING: Status.STARTING,
    Stage.WAITING: Status.STARTING,
    Stage.RUNNING: Status.PROCESSING,
    Stage.STORING: Status.PROCESSING,
}


class FailureCode(StrEnum):
    """Why a prediction did not end well; a closed list that clients may rely on."""

    REJECTED = "rejected"
    CONTENT_FILTERED = "content_filtered"
    PROVIDER_FAILED = "provider_failed"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    TIMED_OUT = "timed_out"
    OUTPUT_LOST = "output_lost"
    OUTPUT_REJECTED = "output_rejected"
    PURCHASE_UNKNOWN = "purchase_unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as clients see it: `message` is one of our own sentences, never the provider's raw text."""

    code: FailureCode
    message: str
    provider_code: str | None = None


class FileState(StrEnum):
    OWED = "pending"
    STORED = "stored"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small WebP of a stored picture, a blob of its own, and a ThumbHash of it in base64."""

    content_type: ClassVar[str] = "image/webp"

    key: str = field(repr=False)
    bytes: int
    sha256: str
    hash: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of an output that lies whole in our storage. `key` opens it; sizes are bytes and pixels."""

    key: str = field(repr=False)
    content_type: str
    bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: Thumbnail | None = None

    @property
    def keys(self) -> list[str]:
        """Of all blobs that go when it goes."""
        return [self.key] if self.thumbnail is None else [self.key, self.thumbnail.key]


@dataclass(frozen=True, slots=True)
class File:
    """One output, in the provider's order. A quarantined one stays in our storage and is shown to nobody."""

    position: int
    source_url: str = field(repr=False)
    state: FileState = FileState.OWED
    stored: StoredFile | None = None
    failure: Failure | None = None
    quarantined: bool = False

    @property
    def shown(self) -> StoredFile | None:
        return None if self.quarantined else self.stored


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A field that the model could only come near to, and how."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a client wants to be told, and of what: events (`domain.notices`), or statuses in which it ends. None is
    everything."""

    url: str
    events: tuple[str, ...] = ()

    def wants(self, event: str, status: Status) -> bool:
        return not self.events or event in self.events or status.value in self.events


@dataclass(frozen=True, slots=True)
class Choice:
    """Who may make it instead, and for what price in USD. A callback token of its own, so that a late word of whoever
    was asked before is not taken for its. `input` is in its own words, None where they are the prediction's."""

    provider: str
    model: str
    price: Decimal
    callback_token: str = field(repr=False)
    input: Mapping[str, Any] | None = field(default=None, repr=False)
    adjusted: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row of `predictions` with its files.

    `asked_at` is set while a create is with the provider and unanswered; `cancel_asked_at` once its owner wants it
    no more; `started_at` when it was first seen running;
    `reported_at` when its success was learned; `completed_at` when it became final here. `predict_time` is the
    provider's, in seconds. `price`, `held`, `captured` and the provider's own `billed` are USD; `budget_day` is the day
    whose budgets it counts in. `fallback` may be asked instead, in this order, while nobody has taken it; `held` covers
    the dearest of them. `version` grows with every change that a client can see. `adjusted` tells which of a form's
    wishes could only be come near to, `variation_of` whose input was drawn again.
    `uploads` are the ids in its input. `published_at` is set while its owner shows it to everybody.
    `data` is what was made besides files (`domain.data`). `face` is the name of the face by which it was ordered
    (`web.compat`), None if by our own API.
    """

    id: UUID
    owner: str
    provider: str
    model: str
    input: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    updated_at: datetime
    callback_token: str = field(repr=False)
    client_token: str = field(repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    webhook: Webhook | None = field(default=None, repr=False)
    status: Status = Status.STARTING
    stage: Stage = Stage.QUEUED
    version: int = 1
    provider_id: str | None = None
    asked_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    started_at: datetime | None = None
    reported_at: datetime | None = None
    completed_at: datetime | None = None
    predict_time: float | None = None
    billed: Decimal | None = None
    key_id: UUID | None = None
    batch_id: UUID | None = None
    variation_of: UUID | None = None
    adjusted: tuple[Adjustment, ...] = ()
    price: Decimal | None = None
    held: Decimal = Decimal(0)
    captured: Decimal | None = None
    budget_day: date | None = None
    files: tuple[File, ...] = ()
    failure: Failure | None = None
    fallback: tuple[Choice, ...] = ()
    work: Work | None = None
    uploads: tuple[str, ...] = ()
    data: Any = field(default=None, repr=False)
    published_at: datetime | None = None
    face: str | None = None
