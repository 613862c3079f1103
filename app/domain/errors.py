"""Business errors: they know facts and a stable code; the web's table (`web.errors`) knows statuses.

DarkroomError
├── InvalidRequest          the request cannot be understood or does not fit the model
│   ├── UnknownProvider · UnknownModel · AmbiguousModel · PriceUnknown
│   ├── OperationUnsupported
│   └── InvalidIdempotencyKey
├── BudgetExceeded          its price does not fit into what is left of a budget
├── BatchNotFound
├── ContentRefused          moderation refuses what is asked for
├── IdempotencyConflict     the key was used before with another body
├── ModelNotFound           nobody lists a model of this name
├── PredictionNotFound      there is none, or it is somebody else's
├── AlreadyFinished         it ended before it could be canceled
├── NotPublishable          it has nothing that could be shown
├── PredictionUnfinished    it may still cost money, so it cannot be deleted, or drawn again, yet
├── DeliveryNotFound · NotAttachable
├── EndpointNotFound · EventNotFound
├── EndpointDisabled        nothing is sent to it until it is enabled
├── TooManyEndpoints        the owner has as many as one may have
├── FileNotFound
├── FileInUse               an unfinished prediction needs it
├── Unauthenticated         a key is needed, or the one given opens nothing
├── ForbiddenScope          the key may not do that
├── RateLimited             more requests than the limit allows
├── TooManyUnfinished       more unfinished predictions than the key may have
├── TooManyStreams          more streams of events than one may have open
├── InvalidSignature        a delivery that none of our secrets signed
├── UnreadableWebhook       a signed delivery that names no prediction
└── TemporarilyUnavailable  something we stand on is away; nothing was changed
    └── ModelListUnavailable · ModerationUnavailable
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """`field` is a path such as `input.width`."""

    field: str
    message: str


class DarkroomError(Exception):
    code = "error"
    retry_after: int | None = None
    """Seconds after which it may be tried again, where that would help."""

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


class AmbiguousModel(InvalidRequest):
    """Several providers list a model of this name, and the default one does not."""

    code = "ambiguous_model"


class OperationUnsupported(InvalidRequest):
    """The model cannot do what was asked; the detail names some that can."""

    code = "operation_unsupported"


class PriceUnknown(InvalidRequest):
    """Nobody knows what it would cost, so no budget could bound it."""

    code = "price_unknown"


class InvalidIdempotencyKey(InvalidRequest):
    """Not 1–255 visible ASCII characters."""

    code = "invalid_idempotency_key"


class BudgetExceeded(DarkroomError):
    """`retry_after` is seconds until the budget begins anew; None if it never does."""

    code = "budget_exceeded"

    def __init__(self, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BatchNotFound(DarkroomError):
    code = "batch_not_found"


class ContentRefused(DarkroomError):
    """`problems` name the field and the category, never the text."""

    code = "content_refused"


class IdempotencyConflict(DarkroomError):
    """The key came with another body within 24 hours."""

    code = "idempotency_conflict"


class ModelNotFound(DarkroomError):
    code = "model_not_found"


class PredictionNotFound(DarkroomError):
    code = "prediction_not_found"


class AlreadyFinished(DarkroomError):
    code = "already_finished"


class PredictionUnfinished(DarkroomError):
    code = "prediction_unfinished"


class NotPublishable(DarkroomError):
    code = "not_publishable"


class DeliveryNotFound(DarkroomError):
    code = "delivery_not_found"


class NotAttachable(DarkroomError):
    """The delivery and the prediction do not belong together, or nothing can be made of one of them."""

    code = "not_attachable"


class EndpointNotFound(DarkroomError):
    code = "endpoint_not_found"


class EndpointDisabled(DarkroomError):
    code = "endpoint_disabled"


class TooManyEndpoints(DarkroomError):
    code = "too_many_endpoints"


class EventNotFound(DarkroomError):
    code = "event_not_found"


class FileNotFound(DarkroomError):
    code = "file_not_found"


class FileInUse(DarkroomError):
    code = "file_in_use"


class Unauthenticated(DarkroomError):
    code = "unauthenticated"


class ForbiddenScope(DarkroomError):
    """Raised before anything is looked up, so that it tells nothing of what there is."""

    code = "forbidden_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key lacks the scope `{scope}`, which this needs.")


class RateLimited(DarkroomError):
    code = "rate_limited"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyUnfinished(DarkroomError):
    """Nobody knows when the next one ends: `retry_after` is None where no end would help."""

    code = "too_many_unfinished"

    def __init__(self, detail: str, *, retry_after: int | None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyStreams(DarkroomError):
    """`retry_after` is None where it is for the caller to close one."""

    code = "too_many_streams"

    def __init__(self, detail: str, *, retry_after: int | None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


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


class StorageFull(TemporarilyUnavailable):
    """Too little is free for outputs; nothing was held or asked for."""

    code = "storage_full"


class ModelListUnavailable(TemporarilyUnavailable):
    """The provider's model list was never had, so nothing can be checked or priced."""

    code = "model_list_unavailable"


class ModerationUnavailable(TemporarilyUnavailable):
    """The moderation endpoint gave no verdict, and without one nothing is bought."""

    code = "moderation_unavailable"
