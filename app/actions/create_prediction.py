"""Create: what may be bought is admitted with all that it owes. The provider is asked later, by a worker."""

from app.actions.admission import Admission
from app.actions.admit import Purchase, admit
from app.actions.apply_report import log_generation
from app.actions.price_order import Priced, price_order
from app.actions.replay import replayed
from app.domain.caller import Caller
from app.domain.errors import DarkroomError
from app.domain.order import Order
from app.domain.prediction import Prediction


async def create_prediction(
    admission: Admission,
    order: Order,
    *,
    caller: Caller,
    idempotency_key: str | None = None,
    handover: int | None = None,
) -> Prediction:
    """The new prediction, or as it is now the one that the key already names. `handover` is the request's own, where
    retries are looked out for (`domain.handovers`).

    Raises UnknownProvider, UnknownModel, AmbiguousModel, OperationUnsupported, InvalidRequest, ContentRefused,
    PriceUnknown, BudgetExceeded, TooManyUnfinished, IdempotencyConflict, StorageFull, TemporarilyUnavailable. Nothing
    is stored and nobody is asked in any of these cases.
    """
    priced = await _priced(admission, order, caller, idempotency_key)
    if isinstance(priced, Prediction):
        return priced
    prediction = await admit(admission, Purchase(priced, caller, idempotency_key, handover))
    log_generation(None, prediction)
    return prediction


async def _priced(admission: Admission, order: Order, caller: Caller, key: str | None) -> Priced | Prediction:
    """What a key names already stays what it is, whatever has become of its model since. That a key is new is found
    out by taking it, so it is looked up before only where a far moderator would be asked in vain."""
    owner, fingerprint = caller.owner, order.fingerprint

    async def earlier() -> Prediction | None:
        return None if key is None else await replayed(admission.database, owner, key, fingerprint)

    known = await earlier() if any(each.is_far for each in admission.moderators) else None
    if known is not None:
        return known
    try:
        await admission.space.require()
        return await price_order(admission, order, caller)
    except DarkroomError:
        known = await earlier()
        if known is None:
            raise
        return known
