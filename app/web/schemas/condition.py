"""How the service is, for who runs it; and how the emulator misbehaves."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.web.schemas.deliveries import FindingView


class ZeroView(BaseModel):
    name: str
    value: float | None = Field(description="Null where it was not looked at: ask with `full`.")
    unit: str
    said: str
    cure: str


class HealthDetails(BaseModel):
    """`zeros` have to read zero. `findings` are the doctor's, with `full` alone."""

    zeros: list[ZeroView]
    unfinished: dict[str, int] = Field(description="Predictions that owe work, by stage.")
    worker_silent: float | None = Field(description="Seconds since a worker's last sign of life; null: never seen.")
    outputs_urgent: int = Field(description="Stored with less than a quarter of the provider's time left.")
    forged_deliveries: int = Field(description="That this process did not believe.")
    client_webhooks_pending: int
    findings: list[FindingView] | None
    environment: Literal["development", "other"] = Field(description="Whether it may be told to misbehave.")


Share = Annotated[float, Field(ge=0, le=1)]


class Faults(RootModel[dict[str, Share | dict[str, Any]]]):
    """By name the share of predictions that it hits, or an object of `share` and its parameters. `{}` ends them all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"duplicate": 0.2, "reorder": 0.1}]})


class FaultsView(BaseModel):
    faults: dict[str, Any]
    known: dict[str, str] = Field(description="Every fault there is, and what it means.")
