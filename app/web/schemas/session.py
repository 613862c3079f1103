"""Signing in, and what a create would cost."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.domain.caller import Scope
from app.web.schemas.words import FieldProblemView, Money


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"key": "dk_…"}]})

    key: SecretStr = Field(min_length=1, max_length=200, description="A key, as `darkroom keys create` made it.")


class SessionView(BaseModel):
    """`signed_in` is with a cookie. `owner` and `scopes` are of whoever asks; null and none while `needs_key`."""

    signed_in: bool
    owner: str | None
    scopes: list[Scope]
    needs_key: bool = Field(description="Whether whoever asks would be refused without a key or a session.")
    environment: str


class QuoteView(BaseModel):
    """Nothing was stored, held or asked of a moderator. `input` is as the model takes it."""

    price: Money = Field(description="USD that would be held.")
    currency: Literal["USD"] = "USD"
    provider: str
    model: str
    input: dict[str, Any]
    adjusted: list[FieldProblemView]
    budget_remaining: Money | None = Field(description="What the nearest budget has left; null without one.")
    fits: bool = Field(description="Whether all budgets have as much left.")
