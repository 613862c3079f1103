"""What the service says of itself."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.web.schemas.money import PriceView


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
