"""The tools' arguments, as an assistant is told of them."""

from typing import Annotated, Any, Literal

from pydantic import Field

Prompt = Annotated[str | None, Field(description="What to make. Needed by almost every model.")]
ModelName = Annotated[
    str | None, Field(description="`model` or `provider/model` of list_models; left out: the service's default one.")
]
Options = Annotated[
    dict[str, Any] | None,
    Field(
        description="Further wishes, in words that are the same for all models: num_outputs, width, height, "
        "aspect_ratio, negative_prompt, seed, steps, guidance, image, mask, strength, scale, duration, fallback "
        "(models to ask instead). Other fields are the model's own; list_models with `model` shows them."
    ),
]
Wait = Annotated[
    float, Field(ge=0, le=600, description="Seconds to wait for the end; it goes on without you when they are over.")
]
Pictures = Annotated[bool, Field(description="Show small pictures of what was made; the links come anyway.")]
Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=255,
        description="Of a call whose answer you never saw: with the same arguments it is bought only once. Else leave "
        "it out.",
    ),
]
Id = Annotated[str, Field(pattern="^[0-9a-fA-F-]{36}$", description="The prediction's id.")]
Status = Annotated[
    Literal["starting", "processing", "succeeded", "failed", "canceled"] | None, Field(description="Only these.")
]
OfModel = Annotated[str | None, Field(description="Only this model's.")]
Limit = Annotated[int, Field(ge=1, le=100, description="How many.")]
Cursor = Annotated[str | None, Field(description="`next` of the page before.")]
Operation = Annotated[str | None, Field(description="Only models that can do this, such as `img2img` or `upscale`.")]
OneModel = Annotated[
    str | None, Field(description="`provider/model`: this one alone, with the JSON Schema of what it takes.")
]
Days = Annotated[int, Field(ge=1, le=366, description="How many days to look back.")]
