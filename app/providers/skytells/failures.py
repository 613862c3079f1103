"""Every shape in which Skytells says no, and what we say of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.prediction import Failure, FailureCode

PREDICTION_FAILED = "PREDICTION_FAILED"
CONTENT_POLICY = "CONTENT_POLICY_VIOLATION"
CONTENT_IDS = frozenset({CONTENT_POLICY, "SECURITY_VIOLATION"})
CONTENT_WORDS = ("nsfw", "content policy", "content_policy", "content moderation", "safety filter", "safety checker")
LONGEST_HINT = 2000
_ERROR_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class SkytellsError:
    """`status` is the envelope's own where it has one, else the reply's; `hints` are all its texts together."""

    status: int
    error_id: str | None
    text: str = field(repr=False)
    hints: str = field(default="", repr=False)

    @property
    def is_verdict(self) -> bool:
        """Moderation's final word about a prediction, whatever it came with. SECURITY_VIOLATION may be about us."""
        return self.status == 451 or self.error_id == CONTENT_POLICY


def read_error(status: int, data: Any) -> SkytellsError:
    """`{"error": {…}}` (with or without `status` and `response`), flat `{"error_id", "message"}`, or a prediction."""
    outer = data if isinstance(data, Mapping) else {}
    given = outer.get("error")
    inner: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    error_id = _first_text(inner.get("error_id"), outer.get("error_id"))
    texts = (given, inner.get("message"), *map(outer.get, ("error_message", "message", "response")))
    own_status = inner.get("http_status", inner.get("status"))
    is_status = isinstance(own_status, int) and 400 <= own_status < 600
    return SkytellsError(
        status=own_status if is_status and 200 <= status < 300 else status,
        error_id=error_id if error_id and _ERROR_ID.fullmatch(error_id) else None,
        text=_first_text(*texts) or "",
        hints=_joined(*texts, *_details(inner.get("details"))),
    )


def refusal(error: SkytellsError) -> Failure:
    """A create that was refused; nothing was bought."""
    if error.is_verdict or _is_content(error):
        return _content_filtered(error)
    sentence = _REFUSALS.get(error.status, "The provider refused this request.")
    return Failure(FailureCode.REJECTED, sentence, error.error_id)


def of_prediction(error: SkytellsError) -> Failure:
    """A prediction that failed there. The texts are not stable, so only a few well-known ones are told apart."""
    if error.is_verdict or _is_content(error):
        return _content_filtered(error)
    sentence = next(
        (ours for theirs, ours in _FAILURES.items() if theirs in error.text.casefold()),
        "The provider failed to make it.",
    )
    return Failure(FailureCode.PROVIDER_FAILED, sentence, error.error_id)


_REFUSALS = {
    401: "The provider does not accept our API key.",
    402: "Our account with the provider has too few credits.",
    403: "The provider does not allow our account this request.",
    404: "The provider has no such model.",
    422: "The provider found the input invalid.",
}
_FAILURES = {
    "resolution too high": "The provider found the input's resolution too high.",
    "context length exceeded": "The provider found the input too long.",
}


def _is_content(error: SkytellsError) -> bool:
    return error.error_id in CONTENT_IDS or any(word in error.hints.casefold() for word in CONTENT_WORDS)


def _content_filtered(error: SkytellsError) -> Failure:
    return Failure(FailureCode.CONTENT_FILTERED, "The provider's moderation refused the content.", error.error_id)


def _details(value: Any) -> list[Any]:
    """A string, an object, or nothing."""
    return list(value.values()) if isinstance(value, Mapping) else [value]


def _joined(*values: Any) -> str:
    return "\n".join(value[:LONGEST_HINT] for value in values if isinstance(value, str))


def _first_text(*values: Any) -> str | None:
    return next((value for value in values if isinstance(value, str) and value.strip()), None)
