"""What a key may do, as it is set when the key is made."""

from dataclasses import dataclass, field

from app.domain.caller import Budgets, Scope

USUAL_SCOPES = frozenset({Scope.CREATE, Scope.READ})


@dataclass(frozen=True, slots=True)
class Grant:
    """`rate_limit` (like `10/minute`, or `off`) and `max_unfinished` (0: no cap) replace the service's own;
    `retry_guard` as in Caller."""

    scopes: frozenset[Scope] = USUAL_SCOPES
    rate_limit: str | None = None
    max_unfinished: int | None = None
    budgets: Budgets = field(default_factory=Budgets)
    retry_guard: bool = True
