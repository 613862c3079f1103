"""Deliveries as the inspector shows them, and what is sent by hand."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.web.schemas.words import Name

Id = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Verdict = Literal["applied", "waiting", "set_aside", "rejected"]


class DeliveryView(BaseModel):
    id: UUID
    provider: str
    provider_id: str | None = Field(description="The provider's own id of what it tells of.")
    prediction_id: UUID | None
    verdict: Verdict = Field(description="`waiting` for a prediction that is not known, or not yet.")
    says: str | None = Field(description="The state that it tells of, such as `succeeded`.")
    trouble: str | None = Field(description="Why it was set aside.")
    copies: int = Field(description="How often it came again; copies change nothing.")
    bytes: int
    received_at: datetime
    applied_at: datetime | None


class DeliveryPage(BaseModel):
    data: list[DeliveryView]
    next: str | None


class DeliveryDetail(DeliveryView):
    body: str = Field(description="Raw, as it came.")


class FindingView(BaseModel):
    name: str
    state: Literal["ok", "bad", "skipped"]
    said: str
    cure: str | None


class RejectedView(BaseModel):
    id: UUID
    provider: str = Field(description="Whose door it knocked at.")
    verdict: Literal["rejected"] = "rejected"
    bytes: int
    received_at: datetime
    headers: dict[str, str]
    body: str
    findings: list[FindingView] = Field(description="Why it was not believed, each with its cure.")


class RejectedPage(BaseModel):
    """Newest first; the last few, of the process that answers."""

    data: list[RejectedView]


class Replayed(BaseModel):
    """`applied` is false where no prediction is known for it."""

    applied: bool
    delivery: DeliveryView


class Attach(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"prediction_id": "01a1fd34-2f0b-7aa2-a03f-c56d5fb32749"}]},
    )

    prediction_id: Id


class SendDelivery(BaseModel):
    """An event in the provider's own words, or a `body` of your own; signed with our secret, sent through our door."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"event": "failed", "overrides": {"response": "Out of paint."}}]},
    )

    event: Name = Field("succeeded", description="`started`, `succeeded`, `failed` or `canceled`.")
    provider: Name | None = Field(None, description="Whose; of the prediction, or else Skytells.")
    prediction_id: Id | None = Field(None, description="Tell of this one. Left out, of one that nobody has.")
    dialect: Literal["flat", "envelope"] = Field("flat", description="How Skytells wraps it.")
    overrides: dict[str, Any] = Field(default={}, description="Values by path, such as `output.0`.")
    body: str | None = Field(None, max_length=500_000, description="Sent to the byte, if nothing is overridden.")
    dry_run: bool = Field(False, description="Only show what would be sent.")


class SentRequest(BaseModel):
    url: str
    headers: dict[str, str]
    body: str


class SentAnswer(BaseModel):
    status: int | None
    trouble: str | None = Field(description="Why there is no answer.")
    body: dict[str, Any] | None


class SentDelivery(BaseModel):
    """`answer` is null after a dry run."""

    provider: str
    request: SentRequest
    answer: SentAnswer | None
