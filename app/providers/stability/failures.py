"""How Stability says no: `{"id", "name", "errors": […]}` for every status. The name tells it, since a status may mean
two things."""

import re
from collections.abc import Mapping
from typing import Any

from app.domain.prediction import Failure, FailureCode

CONTENT_NAMES = ("content_moderation", "public_figure")
FILTERED = "CONTENT_FILTERED"
INTERNAL = "internal_error"
UNKNOWN_MODEL = Failure(FailureCode.REJECTED, "The provider has no such model.")
NO_CREDITS = Failure(FailureCode.REJECTED, "Our account with the provider has too few credits.", "payment_required")
_NAME = re.compile(r"[a-z_]{1,64}")


def name_of(data: Any) -> str | None:
    """None for what is no answer of theirs, such as a gateway's page."""
    name = data.get("name") if isinstance(data, Mapping) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def refusal(status: int, name: str | None) -> Failure:
    """Nothing was made and nothing billed."""
    if name in CONTENT_NAMES:
        return content_filtered(name)
    sentence = _OF_NAMES.get(name or "") or _OF_STATUSES.get(status, "The provider refused this request.")
    return Failure(FailureCode.REJECTED, sentence, name)


def content_filtered(code: str | None) -> Failure:
    return Failure(FailureCode.CONTENT_FILTERED, "The provider's moderation refused the content.", code)


_OF_NAMES = {
    "invalid_language": "The provider takes prompts in English alone.",
    "payment_required": NO_CREDITS.message,
    "unauthorized": "The provider does not accept our API key.",
}
_OF_STATUSES = {
    400: "The provider found the input invalid.",
    401: "The provider does not accept our API key.",
    402: NO_CREDITS.message,
    403: "The provider does not allow our account this request.",
    404: UNKNOWN_MODEL.message,
    413: "The provider found the input too large.",
    422: "The provider found the input invalid.",
}
