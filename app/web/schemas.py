"""The shapes of bodies and answers. The OpenAPI document is made from these."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.config import JsonDict

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Money = Annotated[Decimal, PlainSerializer(lambda value: format(value.normalize(), "f"), return_type=str)]
EventName = Literal["start", "completed"]

STATUSES = Literal["starting", "processing", "succeeded", "failed", "canceled"]
STAGES = Literal["queued", "submitting", "waiting", "running", "storing", "canceling", "done"]


class CreateBatch(BaseModel):
    """Up to a hundred creates, admitted together or not at all."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"predictions": [{"model": "truefusion-pro", "input": {"prompt": "a red fox"}}]}]
        },
    )

    predictions: list["CreatePrediction"] = Field(min_length=1, max_length=100)


class CreatePrediction(BaseModel):
    """What to make, and with which model. The fields of `input` are the model's own."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"model": "truefusion-pro", "input": {"prompt": "a red fox"}}]},
    )

    model: Name = Field(description="A slug of `GET /api/models`.")
    input: dict[str, Any] = Field(description="By the model's own JSON Schema.")
    provider: Name | None = Field(None, description="Left out: the default provider.")
    webhook: str | None = Field(None, max_length=2000, description="An https URL of yours that is told of events.")
    webhook_events_filter: list[EventName] | None = Field(None, description="Only these events; left out: all.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it is. ≤16 kB.")


class Generate(BaseModel):
    """The same for a form: flat, with the default model. Further fields are the model's own."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra={"examples": [{"prompt": "a red fox"}]})

    prompt: str
    model: Name | None = None
    negative_prompt: str | None = None
    width: int | None = None
    height: int | None = None
    num_outputs: int | None = None
    image: str | None = None
    mask: str | None = None


PREDICTION: JsonDict = {
    "id": "01a1fd34-2f0b-7aa2-a03f-c56d5fb32749",
    "status": "succeeded",
    "stage": "done",
    "provider": "skytells",
    "model": "truefusion-pro",
    "input": {"prompt": "a red fox"},
    "output": ["https://pictures.example/files/mfrggzdfmztwq2lknnwg23tpobyxe43u.png"],
    "files": [
        {
            "position": 0,
            "state": "stored",
            "url": "https://pictures.example/files/mfrggzdfmztwq2lknnwg23tpobyxe43u.png",
            "content_type": "image/png",
            "bytes": 48211,
            "sha256": "9f2b7c0e5d1a4f68b3c2d7e90a1b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d",
            "width": 1024,
            "height": 1024,
        }
    ],
    "error": None,
    "cost": {"currency": "USD", "held": None, "captured": "0.03"},
    "metrics": {"predict_time": 4.8, "store_time": 0.2, "total_time": 5.4},
    "metadata": {},
    "batch_id": None,
    "created_at": "2026-03-01T12:00:00Z",
    "started_at": "2026-03-01T12:00:00.400000Z",
    "completed_at": "2026-03-01T12:00:05.400000Z",
    "updated_at": "2026-03-01T12:00:05.400000Z",
    "urls": {"get": "https://pictures.example/api/predictions/01a1fd34-2f0b-7aa2-a03f-c56d5fb32749"},
}


class FileView(BaseModel):
    """`bytes`, `sha256` and the dimensions are of the stored file; `width` and `height` are pixels. One in quarantine
    is kept, and has no address."""

    position: int
    state: Literal["pending", "stored", "lost", "quarantined"]
    url: str | None
    content_type: str | None
    bytes: int | None
    sha256: str | None
    width: int | None
    height: int | None


class ErrorView(BaseModel):
    code: Literal[
        "rejected",
        "content_filtered",
        "provider_failed",
        "provider_unreachable",
        "timed_out",
        "output_lost",
        "output_rejected",
        "purchase_unknown",
    ]
    message: str
    provider_code: str | None = None


class CostView(BaseModel):
    """USD as decimal strings: held from the create to the end; then captured, as the provider billed it."""

    currency: Literal["USD"] = "USD"
    held: Money | None = None
    captured: Money | None = None


class MetricsView(BaseModel):
    """Seconds: at the provider, into our storage, and altogether."""

    predict_time: float | None
    store_time: float | None
    total_time: float | None


class UrlsView(BaseModel):
    get: str
    cancel: str
    events: str
    receipt: str


class PredictionView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [PREDICTION]})

    id: UUID
    status: STATUSES
    stage: STAGES
    provider: str
    model: str
    input: dict[str, Any]
    output: list[str] | None = Field(description="Our URLs, in the provider's order, once every file is stored.")
    files: list[FileView]
    error: ErrorView | None
    cost: CostView
    metrics: MetricsView
    metadata: dict[str, Any]
    batch_id: UUID | None = None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    urls: UrlsView
    client_token: str | None = Field(
        None, description="In answers of creates alone: opens this prediction for a browser."
    )


class BatchView(BaseModel):
    """`counts` is of the statuses that occur. A deleted prediction is left out."""

    id: UUID
    predictions: list[PredictionView]
    counts: dict[STATUSES, int]


class ShareView(BaseModel):
    """What a day, a provider, a model or a key captured in USD, and for how many predictions."""

    name: str
    label: str | None = None
    captured: Money
    predictions: int


class DriftView(BaseModel):
    """Our books beside the provider's list. `unknown_here`: billed there, and no row of ours; `unknown_there`: captured
    here, and not in its list."""

    provider: str
    day: date
    ours: Money
    theirs: Money
    difference: Money
    unknown_here: int
    unknown_there: int
    compared_at: datetime


class CostsView(BaseModel):
    """USD as decimal strings; days by `timezone`. For a key with the scope `admin` of the whole service, for others of
    their own predictions. `budget_remaining` is what a create may still cost today."""

    currency: Literal["USD"] = "USD"
    timezone: str
    day: date
    today: Money
    total: Money
    held: Money
    daily_budget: Money | None
    budget_remaining: Money | None
    resets_at: datetime | None
    days: list[ShareView]
    providers: list[ShareView]
    models: list[ShareView]
    keys: list[ShareView]
    drift: list[DriftView]


class PredictionPage(BaseModel):
    data: list[PredictionView]
    next: str | None = Field(description="The cursor of the next page, null on the last.")


class Deleted(BaseModel):
    """Gone for good here. Browsers and CDNs may keep copies of its files for up to thirty days."""

    id: UUID
    deleted: Literal[True] = True
    note: str = "The record, its deliveries and its files are gone. Caches may keep copies of the files for 30 days."


class ReceiptEntry(BaseModel):
    """`kind` is one of created, changed, asked, answered, looked, delivery, transfer, cancel, notified, reopened."""

    at: datetime
    kind: str
    detail: dict[str, Any]


class ReceiptView(BaseModel):
    prediction: PredictionView
    timeline: list[ReceiptEntry]


class WebhookSecret(BaseModel):
    """What your own webhooks are signed with, by Standard Webhooks."""

    key: str


class PriceView(BaseModel):
    amount: Money
    currency: str
    unit: str


class ModelView(BaseModel):
    provider: str
    model: str
    kind: str
    description: str
    input_schema: dict[str, Any]
    price: PriceView | None
    output_lifetime: float = Field(description="Seconds that outputs stay at the provider.")
    offline: bool


class ModelsView(BaseModel):
    data: list[ModelView]


class WebhookReceipt(BaseModel):
    received: Literal[True] = True
    duplicate: bool | None = None
    matched: bool | None = None


class Health(BaseModel):
    status: Literal["ok", "unready"]
    checks: dict[str, str] | None = None


class FieldProblemView(BaseModel):
    field: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `code` is stable and meant for programs; `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None
    errors: list[FieldProblemView] | None = None
    retry_after: int | None = None
