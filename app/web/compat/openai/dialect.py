"""Errors as OpenAI tells them, with the status that its clients turn into the proper exception."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import DarkroomError
from app.domain.prediction import FailureCode, Prediction, Status
from app.web.compat.answers import refused

INVALID, SERVER, QUOTA = "invalid_request_error", "server_error", "insufficient_quota"
CONTENT = "content_policy_violation"


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    type: str
    code: str


BY_CODE: Mapping[str, Told] = {
    "unauthenticated": Told(401, INVALID, "invalid_api_key"),
    "forbidden_scope": Told(403, INVALID, "insufficient_permissions"),
    "unknown_model": Told(404, INVALID, "model_not_found"),
    "unknown_provider": Told(404, INVALID, "model_not_found"),
    "model_not_found": Told(404, INVALID, "model_not_found"),
    "content_refused": Told(400, INVALID, CONTENT),
    "budget_exceeded": Told(429, QUOTA, QUOTA),
    "rate_limited": Told(429, "requests", "rate_limit_exceeded"),
    "too_many_unfinished": Told(429, "requests", "rate_limit_exceeded"),
    "not_found": Told(404, INVALID, "unknown_url"),
}
FAILURES: Mapping[FailureCode, Told] = {
    FailureCode.REJECTED: Told(400, INVALID, "rejected"),
    FailureCode.CONTENT_FILTERED: Told(400, INVALID, CONTENT),
}
"""Others are a 500 under their own code."""
CANCELED = Told(409, INVALID, "canceled")
SLOW = Told(504, SERVER, "timeout")
AGAIN = (429, 503)
"""Nothing was bought, and after a while it may be."""
NEVER_AGAIN = {"x-should-retry": "false"}
PARAMETERS = {"num_outputs": "n"}


def in_their_words(request: Request, status: int, error: DarkroomError) -> Response:
    told = BY_CODE.get(error.code) or _by_status(status, error.code)
    param = _param(error.problems[0].field) if error.problems else None
    is_of_use = told.status in AGAIN and told.type != QUOTA
    headers = {} if is_of_use else NEVER_AGAIN
    return refused(request, _document(told, _message(error), param), told.status, error, headers)


def told_failure(request: Request, prediction: Prediction) -> Response:
    """Of a prediction without pictures: failed, canceled, not ended in time, or not to be read. Bought it is in any
    case, so that nobody is to buy it again unasked."""
    message, told = _outcome(prediction)
    return refused(request, failure_of(prediction), told.status, DarkroomError(message), NEVER_AGAIN)


def failure_of(prediction: Prediction) -> dict[str, object]:
    """The document alone, for a stream."""
    message, told = _outcome(prediction)
    return _document(told, f"{message} (prediction {prediction.id})", None)


def _outcome(prediction: Prediction) -> tuple[str, Told]:
    if not prediction.status.is_final:
        return "It is not ready yet. It goes on, and what comes of it is stored.", SLOW
    if prediction.failure is not None:
        code = prediction.failure.code
        return prediction.failure.message, FAILURES.get(code) or Told(500, SERVER, code.value)
    if prediction.status is Status.CANCELED:
        return "It was canceled.", CANCELED
    if any(file.shown for file in prediction.files):
        return "Its pictures cannot be read just now; they are kept.", Told(503, SERVER, "unavailable")
    return "It made nothing that could be shown.", Told(500, SERVER, "no_output")


def _by_status(status: int, code: str) -> Told:
    if status >= 500:
        return Told(status, SERVER, code)
    return Told(400 if status in (409, 422) else status, INVALID, code)


def _document(told: Told, message: str, param: str | None) -> dict[str, object]:
    return {"error": {"message": message, "type": told.type, "param": param, "code": told.code}}


def _message(error: DarkroomError) -> str:
    named = "; ".join(f"{_param(each.field)}: {each.message}" for each in error.problems)
    return f"{error.detail} ({named})" if named else error.detail


def _param(field: str) -> str:
    name = field.removeprefix("input.")
    return PARAMETERS.get(name, name)
