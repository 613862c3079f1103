"""How Replicate says no, and what we say of it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.domain.prediction import Failure, FailureCode
from app.providers.client import LONGEST_PAUSE_SECONDS, Reply

CONTENT_CODES = frozenset({"E005"})
CONTENT_WORDS = (
    "nsfw",
    "flagged as sensitive",
    "content policy",
    "content moderation",
    "safety filter",
    "safety checker",
)
LONGEST_HINT = 4000
_CODE = re.compile(r"\bE\d{3,4}\b")
_WORD = re.compile(r"[a-z_]{1,64}")
_RESET = re.compile(r"resets? in ~?(\d{1,6})(?:\.\d+)?\s?s", re.IGNORECASE)

UNKNOWN_MODEL = Failure(FailureCode.REJECTED, "The provider has no such model.")


def refusal(reply: Reply) -> Failure:
    """A create that was refused; nothing was bought. Its body is `{"title", "detail", "status", "invalid_fields"}`."""
    body = _mapping(reply.data)
    hints = _joined(body.get("title"), body.get("detail"))
    code = _code(hints) or _first_kind(body.get("invalid_fields"))
    if _is_content(hints):
        return _content_filtered(code)
    if reply.status == 422 and "invalid version" in hints.casefold():
        return Failure(FailureCode.REJECTED, "The provider has no such version, or does not let us use it.", code)
    return Failure(FailureCode.REJECTED, _REFUSALS.get(reply.status, "The provider refused this request."), code)


def of_prediction(error: Any) -> Failure:
    """A prediction that failed there: `error` is a text, in which a code like `E1001` may stand."""
    hints = _joined(error)
    code = _code(hints)
    if _is_content(hints):
        return _content_filtered(code)
    return Failure(FailureCode.PROVIDER_FAILED, _FAILURES.get(code or "", "The provider failed to make it."), code)


def pause(reply: Reply) -> timedelta | None:
    """Until when a limited caller should wait: the body's `retry_after`, else the header, else `resets in ~30s`."""
    body = _mapping(reply.data)
    given = body.get("retry_after")
    if isinstance(given, int | float) and not isinstance(given, bool) and given >= 0:
        return timedelta(seconds=min(given, LONGEST_PAUSE_SECONDS))
    if reply.retry_after is not None:
        return reply.retry_after
    found = _RESET.search(_joined(body.get("detail")))
    return None if found is None else timedelta(seconds=min(int(found[1]), LONGEST_PAUSE_SECONDS))


_REFUSALS = {
    401: "The provider does not accept our API key.",
    402: "Our account with the provider has too few credits.",
    403: "The provider does not allow our account this request.",
    404: UNKNOWN_MODEL.message,
    413: "The provider found the input too large.",
    422: "The provider found the input invalid.",
}
_FAILURES = {
    "E1001": "The provider's machine ran out of memory.",
    "E6716": "The provider could not start it in time.",
}


def _is_content(hints: str) -> bool:
    return _code(hints) in CONTENT_CODES or any(word in hints.casefold() for word in CONTENT_WORDS)


def _content_filtered(code: str | None) -> Failure:
    return Failure(FailureCode.CONTENT_FILTERED, "The provider's moderation refused the content.", code)


def _code(hints: str) -> str | None:
    found = _CODE.search(hints)
    return found[0] if found else None


def _first_kind(fields: Any) -> str | None:
    """The kind of the first of the faults, such as `number_lte`."""
    kind = _mapping(fields[0]).get("type") if isinstance(fields, list) and fields else None
    return kind if isinstance(kind, str) and _WORD.fullmatch(kind) else None


def _joined(*values: Any) -> str:
    return "\n".join(value[:LONGEST_HINT] for value in values if isinstance(value, str))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
