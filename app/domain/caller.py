"""Who asks, and what he may: the owner, his key, its scopes, limits and budgets."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    CREATE = "create"
    READ = "read"
    ADMIN = "admin"
    """Sees what concerns the whole service: its costs, its metrics."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """USD that may be held and captured in a day, in a month, and ever; None is no bound, 0 buys nothing."""

    daily: Decimal | None = None
    monthly: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """`key_id` is None where no key was needed. `rate_limit` (like `10/minute`) and `max_unfinished` replace the
    service's own. `retry_guard`: creates by faces may turn out to be earlier ones again (`domain.handovers`)."""

    owner: str
    key_id: UUID | None = None
    scopes: frozenset[Scope] = field(default_factory=lambda: frozenset(Scope))
    rate_limit: str | None = None
    max_unfinished: int | None = None
    budgets: Budgets = Budgets()
    retry_guard: bool = True
