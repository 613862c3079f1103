"""One operation, for the OpenAPI document: what it takes, answers, and which codes it may refuse with."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.domain.caller import Scope


@dataclass(frozen=True, slots=True)
class Operation:
    """`problems` are codes; `media_types` are of answers that are no JSON; an `open` one needs no key;
    an `upload` is a form with a file; one that `ends` answers 204 to who has seen the end. `scope` is told where it is
    not the usual one."""

    method: str
    path: str
    id: str
    summary: str
    tag: str = "predictions"
    about: str = ""
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    answers: str = "As asked."
    parameters: tuple[dict[str, Any], ...] = ()
    problems: tuple[str, ...] = ()
    open: bool = False
    delivery: bool = False
    upload: bool = False
    media_types: tuple[str, ...] = ()
    ends: bool = False
    scope: Scope | None = None

    @property
    def needs(self) -> Scope:
        """As `auth.owned` has it."""
        return self.scope or (Scope.READ if self.method == "get" else Scope.CREATE)


KEYED = ("invalid_header", "unauthenticated", "forbidden_scope", "unavailable")
JSON = ("invalid_json", "invalid_text", "body_too_slow", "body_too_large", "unsupported_media_type", "invalid_request")
ORDER = (
    *KEYED,
    *JSON,
    "invalid_idempotency_key",
    "idempotency_conflict",
    "unknown_provider",
    "unknown_model",
    "ambiguous_model",
    "operation_unsupported",
    "model_list_unavailable",
    "storage_full",
    "rate_limited",
    "too_many_unfinished",
    "content_refused",
    "moderation_unavailable",
    "price_unknown",
    "budget_exceeded",
)
DOOR = ("invalid_signature", "unreadable_delivery", "body_too_slow", "body_too_large", "unavailable")
