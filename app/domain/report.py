"""What a provider says of one prediction, in our words.

A submit reply, a webhook and a poll all become a Report; the dialects translate at the edge (`providers`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.prediction import Failure


class ProviderState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self in (ProviderState.SUCCEEDED, ProviderState.FAILED, ProviderState.CANCELED)


@dataclass(frozen=True, slots=True)
class Inline:
    """An output that came in the answer itself. `proven_whole`: by the answer's own length nothing is missing."""

    content: bytes = field(repr=False)
    proven_whole: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """`outputs` are the provider's URLs in its order; `predict_time` is seconds, `billed` USD.

    `outputs_removed`: it says itself that they are deleted. `inline` are outputs without a URL, kept before the report
    counts (`actions.keep_inline`). `facts` are for the receipt, such as a seed. `data` is what it made besides files
    (`domain.data`).
    """

    provider_id: str
    state: ProviderState
    outputs: tuple[str, ...] = field(default=(), repr=False)
    failure: Failure | None = None
    predict_time: float | None = None
    billed: Decimal | None = None
    completed_at: datetime | None = None
    outputs_removed: bool = False
    inline: tuple[Inline, ...] = field(default=(), repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
    data: Any = field(default=None, repr=False)
