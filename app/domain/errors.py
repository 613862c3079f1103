"""Business errors: they know facts and a stable code; the web's table (`web.errors`) knows statuses.

DarkroomError
├── InvalidRequest          the request cannot be understood or does not fit the model
│   ├── UnknownProvider · UnknownModel
│   └── InvalidIdempotencyKey
├── IdempotencyConflict     the key was used before with another body
├── PredictionNotFound      there is none, or it is somebody else's
├── AlreadyFinished         it ended before it could be canceled
├── PredictionUnfinished    it may still cost money, so it cannot be deleted yet
├── DeliveryNotFound · NotAttachable
├── FileNotFound
├── Unauthenticated         a key is needed, or the one given opens nothing
├── InvalidSignature        a delivery that none of our secrets signed
├── UnreadableWebhook       a signed delivery that names no prediction
└── TemporarilyUnavailable  something we stand on is away; nothing was changed
    └── ModelListUnavailable
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """`field` is a path such as `input.width`."""

    field: str
    message: str


class DarkroomError(Exception):
    code = "error"

    def __init__(self, detail: str, *, problems: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = problems


class InvalidRequest(DarkroomError):
    """The body, a parameter or a field does not fit; `problems` name the fields."""

    code = "invalid_request"


class UnknownProvider(InvalidRequest):
    code = "unknown_provider"


class UnknownModel(InvalidRequest):
    code = "unknown_model"


class InvalidIdempotencyKey(InvalidRequest):
    """Not 1–255 visible ASCII characters."""

    code = "invalid_idempotency_key"


class IdempotencyConflict(DarkroomError):
    """The key came with another body within 24 hours."""

    code = "idempotency_conflict"


class PredictionNotFound(DarkroomError):
    code = "prediction_not_found"


class AlreadyFinished(DarkroomError):
    code = "already_finished"


class PredictionUnfinished(DarkroomError):
    code = "prediction_unfinished"


class DeliveryNotFound(DarkroomError):
    code = "delivery_not_found"


class NotAttachable(DarkroomError):
    """The delivery and the prediction do not belong together, or nothing can be made of one of them."""

    code = "not_attachable"


class FileNotFound(DarkroomError):
    code = "file_not_found"


class Unauthenticated(DarkroomError):
    code = "unauthenticated"


class InvalidSignature(DarkroomError):
    code = "invalid_signature"


class UnreadableWebhook(DarkroomError):
    code = "unreadable_delivery"


class TemporarilyUnavailable(DarkroomError):
    """`retry_after` is seconds."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ModelListUnavailable(TemporarilyUnavailable):
    """The provider's model list was never had, so nothing can be checked or priced."""

    code = "model_list_unavailable"
