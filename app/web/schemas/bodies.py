"""What clients send."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web.schemas.words import Name

EventName = Literal["start", "completed"]


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
