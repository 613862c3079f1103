"""Webhook endpoints, what they were told, and how it went."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

EventType = Literal[
    "prediction.started",
    "prediction.succeeded",
    "prediction.failed",
    "prediction.canceled",
    "webhook_endpoint.failing",
    "webhook_endpoint.disabled",
]
Url = Annotated[str, Field(max_length=2000, description="An https URL of yours.")]
Events = Annotated[list[EventType], Field(max_length=20, description="Only these; none named: all.")]
Description = Annotated[str, Field(max_length=500, description="For you to tell endpoints apart.")]


class CreateEndpoint(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"url": "https://pictures.example/hooks", "events": ["prediction.succeeded"]}],
        },
    )

    url: Url
    events: Events = Field(default_factory=list)
    description: Description = ""


class ChangeEndpoint(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"enabled": True}]})

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = Field(None, description="`true` enables it again, and sends nothing that it missed.")


class RotateSecret(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: float = Field(24, ge=0, le=168, description="For so long the old secret signs too.")


class ResendMissed(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"since": "2026-11-20T00:00:00Z"}]})

    since: AwareDatetime = Field(description="Events from then on.")


class EndpointView(BaseModel):
    id: UUID
    url: str
    events: list[str] = Field(description="All, if none is named.")
    description: str
    state: Literal["enabled", "failing", "disabled"] = Field(
        description="`failing`: nothing has arrived since `failing_since`, though something was sent."
    )
    disabled_reason: Literal["owner", "gone", "failing"] | None = Field(
        description="`gone`: it answered 410. `failing`: for days nothing arrived."
    )
    disabled_at: datetime | None
    failing_since: datetime | None
    key_id: UUID | None = Field(description="The key that registered it.")
    created_at: datetime
    updated_at: datetime
    urls: "EndpointUrls"


class EndpointUrls(BaseModel):
    get: str
    attempts: str
    events: str


class EndpointCreated(EndpointView):
    secret: str = Field(description="`whsec_` and base64: what its webhooks are signed with.")


class EndpointList(BaseModel):
    """Oldest first."""

    data: list[EndpointView]


class EndpointSecrets(BaseModel):
    """While a rotation is under way both sign."""

    secret: str = Field(description="`whsec_` and base64.")
    previous_secret: str | None
    previous_until: datetime | None


class EndpointDeleted(BaseModel):
    id: UUID
    deleted: Literal[True] = True


class AttemptView(BaseModel):
    id: UUID
    event_id: UUID
    type: str
    prediction_id: UUID | None
    at: datetime
    ok: bool
    status: int | None = Field(description="Null where nobody answered.")
    outcome: str = Field(description="In a few words.")
    seconds: float


class AttemptPage(BaseModel):
    """Newest first."""

    data: list[AttemptView]
    next: str | None


class EventView(BaseModel):
    """One event for one destination."""

    id: UUID
    webhook_id: str = Field(description="The header `webhook-id` of every attempt.")
    type: str
    sequence: int = Field(description="Grows with the events of one prediction; 0 of what is about none.")
    prediction_id: UUID | None
    endpoint_id: UUID | None = Field(description="Null: a create's own `webhook`.")
    url: str
    state: Literal["pending", "delivered", "failed"]
    attempts: int = Field(description="Since it was last sent by hand.")
    created_at: datetime
    delivered_at: datetime | None
    next_attempt_at: datetime | None
    last_outcome: str | None


class EventDetail(EventView):
    history: list[AttemptView] = Field(description="Every attempt, oldest first.")


class EventPage(BaseModel):
    """Newest first."""

    data: list[EventView]
    next: str | None


class WebhookBody(BaseModel):
    """What an endpoint is sent."""

    type: str
    timestamp: datetime = Field(description="When it happened, however late it is sent.")
    sequence: int = Field(description="Grows with the events of one prediction; 0 of what is about none.")
    data: dict[str, Any] = Field(
        description="The prediction as it is when it is sent, or what else the event is about."
    )


class Resent(BaseModel):
    """They follow one another by a fiftieth of a second; `more` are left for another call."""

    events: int
    more: bool
