"""A prediction as clients see it, alone, in pages and in batches."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.config import JsonDict

from app.web.schemas.words import FieldProblemView, Money

STATUSES = Literal["starting", "processing", "succeeded", "failed", "canceled"]


STAGES = Literal["queued", "submitting", "waiting", "running", "storing", "canceling", "done"]


PREDICTION: JsonDict = {
    "id": "01a1fd34-2f0b-7aa2-a03f-c56d5fb32749",
    "status": "succeeded",
    "stage": "done",
    "provider": "skytells",
    "model": "truefusion-pro",
    "input": {"prompt": "a red fox"},
    "output": ["https://pictures.example/files/mfrggzdfmztwq2lknnwg23tpobyxe43u.png"],
    "data": None,
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
            "thumbnail_url": "https://pictures.example/files/nbswy3dpo5xxe3dfmrswg4tforuw4zzq-thumb.webp",
            "thumbhash": "IOgJNxq4h4hwh4h7h3iHh4h3iAu4R4AE",
        }
    ],
    "error": None,
    "cost": {"currency": "USD", "held": None, "captured": "0.03"},
    "metrics": {"predict_time": 4.8, "store_time": 0.2, "total_time": 5.4},
    "metadata": {},
    "fallback": [],
    "batch_id": None,
    "variation_of": None,
    "adjusted": [],
    "created_at": "2026-03-01T12:00:00Z",
    "started_at": "2026-03-01T12:00:00.400000Z",
    "reported_at": "2026-03-01T12:00:05.200000Z",
    "completed_at": "2026-03-01T12:00:05.400000Z",
    "updated_at": "2026-03-01T12:00:05.400000Z",
    "published": False,
    "urls": {"get": "https://pictures.example/api/predictions/01a1fd34-2f0b-7aa2-a03f-c56d5fb32749"},
}


class FileView(BaseModel):
    """`bytes`, `sha256` and the dimensions are of the stored file; `width` and `height` are pixels. One in quarantine
    is kept, and has no address, thumbnail or hash."""

    position: int
    state: Literal["pending", "stored", "lost", "quarantined"]
    url: str | None
    content_type: str | None
    bytes: int | None
    sha256: str | None
    width: int | None
    height: int | None
    thumbnail_url: str | None = Field(None, description="A WebP of 512 pixels at most, of a picture where it was made.")
    thumbhash: str | None = Field(None, description="A ThumbHash in base64, to be shown until the picture is there.")


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


class MakerView(BaseModel):
    provider: str
    model: str


class PredictionView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [PREDICTION]})

    id: UUID
    status: STATUSES
    stage: STAGES
    provider: str
    model: str
    input: dict[str, Any]
    output: list[str] | None = Field(description="Our URLs, in the provider's order, once every file is stored.")
    data: Any = Field(description="What was made besides files: text, numbers, objects, with our URLs in their places.")
    files: list[FileView]
    error: ErrorView | None
    cost: CostView
    metrics: MetricsView
    metadata: dict[str, Any]
    fallback: list[MakerView] = Field(description="Who still stands by; nobody, once a provider may have taken it.")
    batch_id: UUID | None = None
    variation_of: UUID | None = None
    adjusted: list[FieldProblemView] = Field(
        default_factory=list, description="Where the model could only come near to what a form asked for."
    )
    created_at: datetime
    started_at: datetime | None
    reported_at: datetime | None = Field(
        None, description="When the provider said that it had finished; from then on its outputs expire there."
    )
    completed_at: datetime | None
    updated_at: datetime
    published: bool = Field(False, description="Whether everybody sees it in the gallery.")
    urls: UrlsView
    client_token: str | None = Field(
        None, description="In answers of creates alone: opens this prediction for a browser."
    )


class BatchView(BaseModel):
    """`counts` is of the statuses that occur. A deleted prediction is left out."""

    id: UUID
    predictions: list[PredictionView]
    counts: dict[STATUSES, int]


class VariationsView(RootModel[PredictionView | BatchView]):
    """One is a prediction, more are a batch."""


class PredictionPage(BaseModel):
    data: list[PredictionView]
    next: str | None = Field(description="The cursor of the next page, null on the last.")


class Deleted(BaseModel):
    """Gone for good here. Browsers and CDNs may keep copies of its files for up to thirty days."""

    id: UUID
    deleted: Literal[True] = True
    note: str = "The record, its deliveries and its files are gone. Caches may keep copies of the files for 30 days."


class PartView(BaseModel):
    """Of a multipart body. `text` where it is one; of a picture type and size are kept."""

    name: str
    content_type: str | None = None
    bytes: int
    text: str | None = None


class MessageView(BaseModel):
    """Secrets are masked as `••••`, texts and bodies are cut to 16 kB altogether with their length told, data URIs are
    left out, and of pictures type and size alone are kept. `body` is JSON where it was."""

    headers: dict[str, str]
    content_type: str | None
    bytes: int
    body: Any = None
    parts: list[PartView] | None = Field(None, description="Of a multipart body, instead of `body`.")


class ExchangeView(BaseModel):
    """One call to the provider, and what it answered. Without an answer `trouble` says why."""

    at: datetime
    purpose: Literal["create", "look", "cancel"]
    method: str
    url: str
    seconds: float
    request: MessageView
    status: int | None
    answer: MessageView | None
    trouble: str | None


class ReceiptEntry(BaseModel):
    """`kind` is one of created, changed, asked, answered, fell_back, looked, delivery, transfer, cancel, notified,
    reopened, quarantined, released, published, unpublished."""

    at: datetime
    kind: str
    detail: dict[str, Any]


class ReceiptView(BaseModel):
    prediction: PredictionView
    timeline: list[ReceiptEntry]
    exchanges: list[ExchangeView]
