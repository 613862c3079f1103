"""What the service says of itself."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.web.schemas.money import PriceView
from app.web.schemas.prediction import MakerView
from app.web.schemas.words import FieldProblemView, Money


class WebhookSecret(BaseModel):
    """What your own webhooks are signed with, by Standard Webhooks."""

    key: str


class ModelView(BaseModel):
    provider: str
    model: str
    kind: str
    description: str
    input_schema: dict[str, Any]
    price: PriceView | None
    output_lifetime: float = Field(description="Seconds that outputs stay at the provider.")
    offline: bool
    operations: list[str] = Field(description="What it can be asked for, such as `generate` or `img2img`.")
    example_cost: Money | None = Field(description="USD for one request that leaves all else at its default.")
    usual_seconds: float | None = Field(description="As long as ours commonly took of late, else as the table says.")


class ModelsView(BaseModel):
    """`unavailable` are providers whose list cannot be had just now, so that their models are missing here."""

    data: list[ModelView]
    default: MakerView = Field(description="Who makes what names no model: `/api/generate`, and the studio at first.")
    unavailable: list[str]


class WebhookReceipt(BaseModel):
    received: Literal[True] = True
    duplicate: bool | None = None
    matched: bool | None = None


class Health(BaseModel):
    status: Literal["ok", "unready"]
    checks: dict[str, str] | None = None


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
