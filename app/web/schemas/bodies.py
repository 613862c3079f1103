"""What clients send."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.web.schemas.words import Name, Verb

EventName = Literal["start", "completed"]


class CreateBatch(BaseModel):
    """Up to a hundred creates, admitted together or not at all."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "predictions": [
                        {"model": "truefusion-pro", "input": {"prompt": "a red fox in fresh snow"}},
                        {"model": "truefusion-pro", "input": {"prompt": "a hare in fresh snow"}},
                    ]
                }
            ]
        },
    )

    predictions: list["CreatePrediction"] = Field(min_length=1, max_length=100)


class StandBy(BaseModel):
    """Another model, of the same provider if none is named."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: Name
    provider: Name | None = None


Fallback = Annotated[
    list[Name | StandBy],
    Field(
        max_length=5,
        description="Models to ask instead, in this order, where the one before refuses the create or cannot be "
        "reached in time; never after an acceptance, nor for what a moderation refused. The input must fit them all.",
    ),
]


class CreatePrediction(BaseModel):
    """What to make, and with which model. The fields of `input` are the model's own."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "model": "truefusion-pro",
                    "input": {"prompt": "a red fox in fresh snow, early light", "width": 1024, "height": 768},
                    "metadata": {"order": 17},
                }
            ]
        },
    )

    model: Name = Field(description="A slug of `GET /api/models`, or `provider/slug`.")
    input: dict[str, Any] = Field(description="By the model's own JSON Schema.")
    provider: Name | None = Field(
        None, description="Left out: the default provider if it has the model, else the one that has it."
    )
    webhook: str | None = Field(None, max_length=2000, description="An https URL of yours that is told of events.")
    webhook_events_filter: list[EventName] | None = Field(None, description="Only these events; left out: all.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it is. ≤16 kB.")
    fallback: Fallback = Field(default_factory=list)


class Form(BaseModel):
    """Flat, in words that mean the same for every model: each field goes under the name that the model knows it by, a
    size in the way that it takes one. Further fields are the model's own."""

    model_config = ConfigDict(extra="allow", strict=True)

    prompt: str | None = None
    model: Name | None = None
    provider: Name | None = None
    negative_prompt: str | None = None
    width: int | None = None
    height: int | None = None
    aspect_ratio: str | None = Field(None, description="Such as `16:9`, in place of a width and a height.")
    num_outputs: int | None = None
    image: str | None = None
    mask: str | None = None
    strength: float | None = Field(None, description="How far to leave the image: 0 keeps it, 1 forgets it.")
    guidance: float | None = None
    steps: int | None = None
    seed: int | None = None
    fallback: Fallback = Field(default_factory=list)


class Generate(Form):
    """The same for a form: flat, with the default model. The operation left out: `mask` means `inpaint`, `image` means
    `img2img`, neither `generate`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prompt": "a red fox in fresh snow", "aspect_ratio": "3:2", "num_outputs": 2}]}
    )

    operation: Verb | None = Field(None, description="One of the model's `operations` of `GET /api/models`.")


class Img2Img(Form):
    """A picture after a picture."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"prompt": "the same fox in summer", "image": "https://pictures.example/fox.png", "strength": 0.6}
            ]
        }
    )

    image: str


class Inpaint(Form):
    """What the mask marks, painted anew."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prompt": "a red woollen hat",
                    "image": "https://pictures.example/fox.png",
                    "mask": "https://pictures.example/mask.png",
                }
            ]
        }
    )

    image: str
    mask: str


class Upscale(Form):
    """The same picture, larger."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "stability/upscale-fast", "image": "https://pictures.example/fox.png"}]
        }
    )

    image: str
    scale: float | None = Field(None, description="How many times as wide and as high.")


class Vary(BaseModel):
    """Other draws of a finished prediction."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"num": 2}]})

    num: int = Field(1, ge=1, le=8, description="More than one make a batch.")
    seed: int | None = Field(
        None, ge=0, le=2**53, description="Left out: drawn by lot. More than one: this and those that follow it."
    )
    webhook: str | None = Field(None, max_length=2000, description="An https URL of yours that is told of events.")
    webhook_events_filter: list[EventName] | None = Field(None, description="Only these events; left out: all.")
    metadata: dict[str, Any] = Field(default_factory=dict, description="Yours; given back as it is. ≤16 kB.")
