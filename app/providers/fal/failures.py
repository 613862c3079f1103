"""Every shape in which fal says no, and what we say of it.

A model's: `{"detail": [{"loc", "msg", "type"}]}`. The infrastructure's: `{"detail": "…", "error_type": "…"}`. In a
status and in a delivery also `error` and `error_type` beside the rest.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.failures import NO_REASON
from app.domain.prediction import Failure, FailureCode

CONTENT_TYPE = "content_policy_violation"
CONTENT_WORDS = (CONTENT_TYPE, "content policy", "nsfw", "safety filter", "safety checker", "content moderation")
CANCELED_TYPE = "client_cancelled"
ABOUT_US = (401, 402, 403, 404, 408, 429)
"""Statuses of an answer that speak of our asking, not of what was asked for."""
LONGEST_HINT = 2000
MOST_DETAILS = 20
_TYPE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_STATUS = re.compile(r"status code: ([45][0-9]{2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FalError:
    """`type` is the infrastructure's word or that of the first detail; `hints` are all its texts together."""

    status: int
    type: str | None
    hints: str = field(default="", repr=False)
    has_detail: bool = False

    @property
    def is_verdict(self) -> bool:
        """Whether a result that answers so is a request's end, and not a moment's trouble."""
        if self.status in ABOUT_US:
            return False
        return self.type is not None or (self.status < 500 and self.has_detail)

    @property
    def is_content(self) -> bool:
        return any(word in self.hints for word in CONTENT_WORDS)


def read_error(status: int, *sources: Any) -> FalError:
    """Of the bodies that tell of one failure."""
    bodies = [each for each in sources if isinstance(each, Mapping)]
    details = [detail for body in bodies for detail in _details(body.get("detail"))]
    types = [*(body.get("error_type") for body in bodies), *(detail.get("type") for detail in details)]
    texts = [*types, *(detail.get("msg") for detail in details)]
    texts += [text for body in bodies for text in (body.get("error"), body.get("detail"))]
    hints = "\n".join(text[:LONGEST_HINT] for text in texts if isinstance(text, str)).casefold()
    return FalError(
        status=status,
        type=next((each for each in types if isinstance(each, str) and _TYPE.fullmatch(each)), None),
        hints=hints,
        has_detail=bool(details) or any(isinstance(body.get("detail"), str) for body in bodies),
    )


def told_status(text: Any) -> int:
    """The model's own, from `Invalid status code: 422`; 500 where nothing is told."""
    found = _STATUS.search(text) if isinstance(text, str) else None
    return int(found[1]) if found else 500


def refusal(error: FalError) -> Failure:
    """A create that was refused; nothing was bought."""
    if error.is_content:
        return _content_filtered(error)
    sentence = _REFUSALS.get(error.status, "The provider refused this request.")
    if error.status == 403 and "balance" in error.hints:
        sentence = _REFUSALS[402]
    return Failure(FailureCode.REJECTED, sentence, error.type)


def of_request(error: FalError) -> Failure:
    """A request that ended without a result."""
    if error.is_content:
        return _content_filtered(error)
    if error.type in _FAILURES:
        return Failure(FailureCode.PROVIDER_FAILED, _FAILURES[error.type], error.type)
    if error.status in (400, 422):
        return Failure(FailureCode.REJECTED, _REFUSALS[422], error.type)
    return Failure(NO_REASON.code, NO_REASON.message, error.type)


_REFUSALS = {
    401: "The provider does not accept our API key.",
    402: "Our account with the provider has too few credits.",
    403: "The provider does not allow our account this request.",
    404: "The provider has no such model.",
    422: "The provider found the input invalid.",
}
_FAILURES = {
    "request_timeout": "The provider did not make it in its own time.",
    "startup_timeout": "The provider did not make it in its own time.",
    "generation_timeout": "The provider did not make it in its own time.",
    "no_media_generated": "The model made nothing of this input.",
}


def _content_filtered(error: FalError) -> Failure:
    return Failure(FailureCode.CONTENT_FILTERED, "The provider's moderation refused the content.", error.type)


def _details(value: Any) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed[:MOST_DETAILS] if isinstance(each, Mapping)]
