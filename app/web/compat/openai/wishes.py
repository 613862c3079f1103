"""What is asked for, in OpenAI's words, and the order that it makes in ours."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain import order as orders
from app.domain.operations import Operation
from app.domain.order import Order
from app.web.compat.openai.models import maker_of
from app.web.requests import fitted
from app.web.schemas.words import Name
from app.web.shared import Shared

NAME = "openai"
MEANINGLESS = "auto"
LONGEST_USER = 512


class Wish(BaseModel):
    """Fields beside these are the form's own, or the model's. Those of forms are texts, so that numbers are read from
    them; JSON is read strictly."""

    model_config = ConfigDict(extra="allow")

    prompt: str | None = None
    model: Name | None = None
    n: int | None = Field(None, ge=1, le=10)
    size: str | None = None
    response_format: Literal["url", "b64_json"] | None = None
    stream: bool | None = None
    partial_images: int | None = Field(None, ge=0, le=3)
    moderation: Literal["auto"] | None = None
    user: str | None = Field(None, max_length=LONGEST_USER)
    safety_identifier: str | None = Field(None, max_length=LONGEST_USER)

    @property
    def asked(self) -> dict[str, Any]:
        """The form's words for it."""
        given = self.model_dump(exclude=OF_THE_ANSWER, exclude_none=True)
        said = {name: value for name, value in given.items() if value != MEANINGLESS or name == "prompt"}
        return said if self.n is None else said | {"num_outputs": self.n}


class Generate(Wish):
    model_config = ConfigDict(strict=True)

    prompt: str


class Edit(Wish):
    prompt: str
    seed: int | None = None
    strength: float | None = None
    guidance: float | None = None
    steps: int | None = None
    output_compression: int | None = None


class Variation(Edit):
    """Without a prompt, unless the model needs one."""

    prompt: str | None = None  # type: ignore[assignment]


OF_THE_ANSWER = {
    "model",
    "n",
    "response_format",
    "stream",
    "partial_images",
    "moderation",
    "user",
    "safety_identifier",
}
TEXTS = (*Edit.model_fields, "quality", "background", "output_format", "input_fidelity", "style", "negative_prompt")
"""The fields of a form."""
OF_A_STREAM = ("stream", "partial_images")


def generation(body: dict[str, Any], common: Shared) -> tuple[Wish, Order]:
    wish = fitted(body, Generate)
    return wish, order_of(wish, wish.asked, common, orders.Form(model_left_out=wish.model is None))


def edit(wish: Wish, pictures: Mapping[str, Any], common: Shared, digests: list[str]) -> Order:
    """`pictures` are ids of uploads by the form's names. Uploads are made anew each time, so that `digests`, of their
    content, tell whether it is asked for again."""
    operation = Operation.INPAINT if "mask" in pictures else Operation.IMG2IMG
    form = orders.Form(operation, model_left_out=wish.model is None)
    asked = hashlib.sha256(json.dumps([wish.model_dump(), digests], sort_keys=True).encode()).digest()
    return order_of(wish, {**wish.asked, **pictures}, common, form, asked)


def order_of(
    wish: Wish, given: Mapping[str, Any], common: Shared, form: orders.Form, asked: bytes | None = None
) -> Order:
    return Order(
        maker=maker_of(wish.model, common),
        input=given,
        metadata=metadata_of(wish),
        form=form,
        asked=asked,
        face=NAME,
    )


def metadata_of(wish: Wish) -> dict[str, Any]:
    """Whom it is for, as the client calls him."""
    return wish.model_dump(include={"user", "safety_identifier"}, exclude_none=True)
